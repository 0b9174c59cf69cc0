using Billing.Api.Payments;

namespace Billing.Api.PayLinks;

/// <summary>A link with which a customer pays without a key.</summary>
/// <param name="Id">The id, by which it is revoked.</param>
/// <param name="Url">Where the customer goes: in the answer that made it and never again.</param>
/// <param name="CreatedAt">When it was made, on the account's clock; <c>null</c> where it is over.</param>
/// <param name="ExpiresAt">Until when it leads anywhere; <c>null</c> where it is over.</param>
public sealed record PayLinkResponse(string Id, string? Url, Instant? CreatedAt, Instant? ExpiresAt);

/// <summary>How to pay with a link: all that is unpaid, else all that is open, in one charge. Without a method the default one is charged.</summary>
public sealed record PayLinkPayRequest
{
    /// <summary>A method on file.</summary>
    public string? PaymentMethod { get; init; }

    /// <summary>A method for this payment alone, in place of one on file. It is not kept.</summary>
    public OneOffRequest? OneOff { get; init; }

    /// <summary>The <c>amount_to_pay</c> that the customer was shown. Where it is another one by now, the answer is <c>amount_changed</c> and nothing is charged. Left out, whatever is due is paid.</summary>
    public long? ExpectedAmount { get; init; }

    /// <summary>How long to wait for the outcome, 0 to 20 seconds; 5 where it is left out. Then the answer is <c>202</c>.</summary>
    public int? WaitSeconds { get; init; }
}

/// <summary>What is due and how it can be paid. Amounts are in minor units of the currency.</summary>
public sealed record PayLinkPageResponse
{
    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>What is due on all open invoices.</summary>
    public required long AmountDue { get; init; }

    /// <summary>What of it is late.</summary>
    public required long AmountUnpaid { get; init; }

    /// <summary>What paying with the link pays now: all that is unpaid, else all that is open, but nothing for which a payment is under way.</summary>
    public required long AmountToPay { get; init; }

    /// <summary>The open invoices, oldest first, at most 50.</summary>
    public required IReadOnlyList<PayLinkInvoiceResponse> Invoices { get; init; }

    /// <summary>How many open invoices are not shown.</summary>
    public required int InvoicesLeft { get; init; }

    /// <summary>The methods on file.</summary>
    public required IReadOnlyList<PayLinkMethodResponse> PaymentMethods { get; init; }

    /// <summary>The newest payment by hand that is under way.</summary>
    public PayLinkPaymentResponse? Payment { get; init; }

    /// <summary>Until when the link leads here.</summary>
    public required Instant ExpiresAt { get; init; }

    /// <summary>Whether nothing here is real money.</summary>
    public required bool Test { get; init; }
}

/// <summary>An open invoice.</summary>
/// <param name="Number">Its number.</param>
/// <param name="AmountDue">What is due on it.</param>
/// <param name="DueAt">When it was or is due.</param>
/// <param name="IsUnderWay">Whether a payment for it is under way.</param>
/// <param name="Lines">What it is for.</param>
public sealed record PayLinkInvoiceResponse(string Number, long AmountDue, Instant DueAt, bool IsUnderWay, IReadOnlyList<PayLinkLineResponse> Lines);

/// <summary>A line of an invoice.</summary>
/// <param name="Description">What it is for.</param>
/// <param name="Amount">The line's total, before credit and tax.</param>
public sealed record PayLinkLineResponse(string Description, long Amount);

/// <summary>A payment method on file.</summary>
/// <param name="Id">Names it when paying.</param>
/// <param name="Kind">What kind it is.</param>
/// <param name="Brand">The card's brand.</param>
/// <param name="Last4">The last four digits.</param>
/// <param name="Default">Whether it is charged where none is named.</param>
public sealed record PayLinkMethodResponse(string Id, MethodKind Kind, string? Brand, string? Last4, bool Default);

/// <summary>A payment as whoever holds the link sees it.</summary>
/// <param name="Status">How it stands, in the words of a payment.</param>
/// <param name="Amount">What is charged.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="NextAction">What the customer has to do.</param>
public sealed record PayLinkPaymentResponse(string Status, long Amount, string Currency, NextActionResponse? NextAction)
{
    internal static PayLinkPaymentResponse Of(PaymentState payment)
    {
        var shown = PaymentResponse.Of(payment);
        return new PayLinkPaymentResponse(shown.Status, shown.Amount, shown.Currency, shown.NextAction);
    }
}
