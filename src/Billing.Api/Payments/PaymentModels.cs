using Billing.Api.Invoices;

namespace Billing.Api.Payments;

/// <summary>How to pay by hand. Without a method the default one is charged.</summary>
public sealed record PayRequest
{
    /// <summary>A method on file.</summary>
    public string? PaymentMethod { get; init; }

    /// <summary>A method for this payment alone, in place of one on file.</summary>
    public OneOffRequest? OneOff { get; init; }

    /// <summary>How long to wait for the outcome, 0 to 20 seconds; 5 where it is left out. Then the answer is <c>202</c>.</summary>
    public int? WaitSeconds { get; init; }
}

/// <summary>A method for one payment. It never becomes the default, and is not kept unless it says so.</summary>
public sealed record OneOffRequest
{
    /// <summary>The gateway that knows the token.</summary>
    public required string Gateway { get; init; }

    /// <summary>The gateway's name for the method; never a card number.</summary>
    public required string Token { get; init; }

    /// <summary>What kind it is.</summary>
    public required MethodKind Kind { get; init; }

    /// <summary>Whether it is put on file once it has paid, when this call or a repetition of it sees that.</summary>
    public bool? Keep { get; init; }
}

/// <summary>What the customer has to do before money can move.</summary>
/// <param name="RedirectUrl">Where the customer answers a challenge.</param>
/// <param name="Address">Where coins go.</param>
/// <param name="Amount">How much of what, as a wallet wants it.</param>
/// <param name="Network">The network of the coins.</param>
/// <param name="ExpiresAt">Until when.</param>
public sealed record NextActionResponse(string? RedirectUrl, string? Address, string? Amount, string? Network, Instant? ExpiresAt)
{
    internal static NextActionResponse? Of(PaymentState payment) => payment is { Status: PaymentStatus.AwaitingCustomer, Action: { } action }
        ? new NextActionResponse(action.RedirectUrl, action.Address, action.Amount, action.Network, action.ExpiresAt ?? payment.ExpiresAt)
        : null;
}

/// <summary>A part of a payment that went to an invoice.</summary>
/// <param name="Invoice">The invoice.</param>
/// <param name="Amount">How much, in minor units.</param>
public sealed record AllocationResponse(string Invoice, long Amount);

/// <summary>A payment: one intent to move money for named invoices. Amounts are in minor units of its currency.</summary>
public sealed record PaymentResponse
{
    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>Who pays.</summary>
    public required string Account { get; init; }

    /// <summary>
    /// <c>created</c>, <c>awaiting_customer</c>, <c>submitting</c>, <c>processing</c>, <c>unknown</c>, <c>succeeded</c>, <c>failed</c>, <c>expired</c> or
    /// <c>cancelled</c>; one that succeeded is <c>disputed</c> while a dispute is open, and <c>reversed</c> once all of it was taken back.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>What is charged; prepayment on hand was applied before.</summary>
    public required long Amount { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>What was captured; <c>null</c> until then.</summary>
    public long? Captured { get; init; }

    /// <summary>The invoices that it is for.</summary>
    public required IReadOnlyList<string> Invoices { get; init; }

    /// <summary>Submissions to a gateway, oldest first.</summary>
    public required IReadOnlyList<AttemptResponse> Attempts { get; init; }

    /// <summary>What went to which invoice; what was taken back is negative.</summary>
    public required IReadOnlyList<AllocationResponse> Allocations { get; init; }

    /// <summary>What of it became prepayment.</summary>
    public required long Prepayment { get; init; }

    /// <summary>What was sent back.</summary>
    public required long Refunded { get; init; }

    /// <summary>What was taken back.</summary>
    public required long Reversed { get; init; }

    /// <summary>Its refunds, oldest first; without those that were refused.</summary>
    public required IReadOnlyList<RefundResponse> Refunds { get; init; }

    /// <summary>Of money received elsewhere: the caller's reference.</summary>
    public string? Reference { get; init; }

    /// <summary>Since when a dispute about it is open.</summary>
    public Instant? DisputedAt { get; init; }

    /// <summary>The account's facts counted when it took note of the end; for the gate's <c>min_version</c>. 0 before the end.</summary>
    public required long StandingVersion { get; init; }

    /// <summary>What the customer has to do.</summary>
    public NextActionResponse? NextAction { get; init; }

    /// <summary>When it was named.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>When it ended.</summary>
    public Instant? EndedAt { get; init; }

    internal static PaymentResponse Of(PaymentState payment)
    {
        var start = payment.Start!;
        return new PaymentResponse
        {
            Id = payment.Id,
            Account = start.Account,
            Status = StatusOf(payment),
            Amount = start.Amount.MinorUnits,
            Currency = start.Amount.Currency.Code,
            Captured = payment.Captured?.MinorUnits,
            Invoices = start.Invoices,
            Attempts = [.. payment.Attempts.Select(attempt => new AttemptResponse(attempt.SubmittedAt, attempt.Candidate.Method, attempt.Outcome, attempt.Code))],
            Allocations = [.. payment.Allocations.Select(allocation => new AllocationResponse(allocation.Invoice, allocation.Amount.MinorUnits))],
            Prepayment = payment.Prepayment?.MinorUnits ?? 0,
            Refunded = payment.Refunded?.MinorUnits ?? 0,
            Reversed = payment.Reversed?.MinorUnits ?? 0,
            Refunds = [.. payment.Refunds.Where(refund => refund.Status != RefundStatus.Refused).Select(refund => RefundResponse.Of(payment, refund))],
            Reference = payment.Reference,
            DisputedAt = payment.DisputedAt,
            NextAction = NextActionResponse.Of(payment),
            StandingVersion = payment.SettledVersion,
            CreatedAt = payment.CreatedAt,
            EndedAt = payment.EndedAt,
        };
    }

    private static string StatusOf(PaymentState payment) => payment switch
    {
        { Status: PaymentStatus.Succeeded, DisputedAt: not null } => "disputed",
        { Status: PaymentStatus.Succeeded, Reversed: { IsPositive: true } reversed } when reversed == payment.Captured => "reversed",
        { IsCancelled: true, Status: PaymentStatus.Created or PaymentStatus.Failed } => "cancelled",
        _ => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(payment.Status.ToString()),
    };
}
