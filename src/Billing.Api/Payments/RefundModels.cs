namespace Billing.Api.Payments;

/// <summary>Money that was received elsewhere: a wire, a cheque, cash.</summary>
public sealed record ReceivedRequest
{
    /// <summary>How much, 1 to 10¹² minor units of the account's currency.</summary>
    public required long Amount { get; init; }

    /// <summary>Your reference, once for each account and for ever: 1 to 128 visible ASCII characters without <c>~</c>. The same again is the same money.</summary>
    public required string Reference { get; init; }

    /// <summary>The invoice that it is for; left out, prepayment. Of a draft or of another account's it is prepayment too.</summary>
    public string? Invoice { get; init; }

    /// <summary>When it was received, not after now; left out, now.</summary>
    public Instant? ReceivedAt { get; init; }
}

/// <summary>What to send back of a payment.</summary>
public sealed record RefundRequest
{
    /// <summary>How much, from 1; left out, all that can be, or the named invoice's part.</summary>
    public long? Amount { get; init; }

    /// <summary>Only this invoice's part. Left out, first what is still prepayment, then the invoices, last applied first.</summary>
    public string? Invoice { get; init; }

    /// <summary>Whether the invoices are due again; left out, a credit note stands against them and nothing becomes due.</summary>
    public bool? Reopen { get; init; }

    /// <summary>For money received elsewhere: where it was sent, at most 500 characters.</summary>
    public string? Reference { get; init; }
}

/// <summary>Money that was taken back: a debit returned, a cheque bounced, a wrong booking.</summary>
public sealed record ReverseRequest
{
    /// <summary>How much, from 1; left out, all that was captured and not refunded.</summary>
    public long? Amount { get; init; }

    /// <summary>Why, at most 500 characters.</summary>
    public required string Reason { get; init; }
}

/// <summary>What became of a payment whose outcome is unknown.</summary>
public sealed record ResolveRequest
{
    /// <summary><c>captured</c> or <c>not_captured</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>What proves it, at most 500 characters. A later word of the gateway wins.</summary>
    public required string Evidence { get; init; }
}

/// <summary>Money of a payment that is sent back. Amounts are in minor units.</summary>
/// <param name="Id">The refund's id.</param>
/// <param name="Payment">The payment.</param>
/// <param name="Account">Who gets it back.</param>
/// <param name="Status"><c>asked</c>, <c>refused</c>, <c>sending</c>, <c>succeeded</c>, or <c>failed</c>: the gateway will not, a human has to.</param>
/// <param name="Amount">How much; <c>null</c> until the account has said.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Invoice">The invoice whose part it is.</param>
/// <param name="Reopen">Whether the invoices are due again.</param>
/// <param name="Reference">Where money received elsewhere was sent.</param>
/// <param name="Code">Why it was refused, or failed.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="StandingVersion">The account's facts counted when it decided; 0 before.</param>
public sealed record RefundResponse(
    string Id, string Payment, string Account, RefundStatus Status, long? Amount, string Currency, string? Invoice, bool Reopen, string? Reference, string? Code, Instant CreatedAt, long StandingVersion)
{
    internal static RefundResponse Of(PaymentState payment, Refund refund) => new(
        refund.Id, payment.Id, payment.Start!.Account, refund.Status, refund.Amount?.MinorUnits, payment.Start.Amount.Currency.Code, refund.Invoice, refund.Reopen, refund.Reference,
        refund.Refusal?.Code, refund.CreatedAt, refund.SettledVersion);
}
