using Billing.Domain;
using NodaTime;

namespace Billing.Gateways;

/// <summary>
/// A payment gateway, seen from the one grain that talks to it (Payment). It is remote: it commits before it answers, an
/// answer can be lost, and it can be asked again.
/// </summary>
public interface IPaymentGateway
{
    /// <summary>The name by which payment methods refer to it: <c>sandbox</c>, <c>stripe</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Tries to move money, once for each <see cref="ChargeRequest.Key"/>: the same key again answers what the first one
    /// did. An exception, like <see cref="ChargeStatus.Unknown"/>, means that money may have moved.
    /// </summary>
    Task<ChargeAnswer> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// What became of a key, from a strongly consistent read. <see cref="ChargeStatus.NotFound"/> closes the key at the
    /// gateway: a charge that comes with it later is refused (the fence).
    /// </summary>
    Task<ChargeAnswer> ReadAsync(ChargeRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Ends a charge that waits for the customer. <see cref="ChargeStatus.Cancelled"/>: it will take no money any more;
    /// <see cref="ChargeStatus.Succeeded"/>: it was paid meanwhile; <see cref="ChargeStatus.Processing"/>: money is moving, it
    /// cannot be ended now.
    /// </summary>
    Task<ChargeAnswer> CancelAsync(ChargeRequest request, CancellationToken cancellationToken);

    /// <summary>Sends money of a captured charge back, once for each <see cref="RefundRequest.Key"/>.</summary>
    Task<RefundAnswer> RefundAsync(RefundRequest request, CancellationToken cancellationToken);

    /// <summary>What the gateway knows of a token: brand, last four digits, fingerprint.</summary>
    Task<MethodDescription> DescribeAsync(string token, CancellationToken cancellationToken);
}

/// <summary>One attempt to charge.</summary>
/// <param name="Key">The idempotency key, made of payment and ordinal.</param>
/// <param name="Payment">Our payment, as metadata.</param>
/// <param name="Account">Our account, as metadata.</param>
/// <param name="Amount">How much.</param>
/// <param name="Token">The gateway's name for the method.</param>
/// <param name="Kind">What kind of method it is.</param>
/// <param name="Clock">The account's test clock; <see langword="null"/> in real time.</param>
/// <param name="At">Now, on the account's clock.</param>
/// <param name="ByHand">Whether the customer is present and can answer a challenge.</param>
/// <param name="Test">Whether the account is a test account.</param>
/// <param name="ExpiresAt">Until when the customer may answer a challenge or send coins; past it the charge takes none.</param>
public sealed record ChargeRequest(
    string Key, string Payment, string Account, Money Amount, string Token, MethodKind Kind, string? Clock, Instant At, bool ByHand, bool Test, Instant? ExpiresAt = null);

/// <summary>One refund.</summary>
/// <param name="Key">The idempotency key, the refund's id.</param>
/// <param name="Charge">The gateway's own id of the captured charge.</param>
/// <param name="Payment">Our payment, as metadata.</param>
/// <param name="Account">Our account, as metadata.</param>
/// <param name="Amount">How much to send back.</param>
/// <param name="Clock">The account's test clock; <see langword="null"/> in real time.</param>
/// <param name="At">Now, on the account's clock.</param>
/// <param name="Test">Whether the account is a test account.</param>
public sealed record RefundRequest(string Key, string Charge, string Payment, string Account, Money Amount, string? Clock, Instant At, bool Test);

/// <summary>A gateway's answer about a refund.</summary>
/// <param name="Status"><see cref="ChargeStatus.Succeeded"/>, <see cref="ChargeStatus.Declined"/> (it will not), <see cref="ChargeStatus.Error"/> (nothing was done) or <see cref="ChargeStatus.Unknown"/>.</param>
/// <param name="Reference">The gateway's own id of the refund.</param>
/// <param name="Code">Why not.</param>
public sealed record RefundAnswer(ChargeStatus Status, string? Reference = null, string? Code = null);

/// <summary>What a gateway says about a charge.</summary>
public enum ChargeStatus
{
    /// <summary>Nobody knows: a timeout, a lost connection. Money may have moved.</summary>
    Unknown,

    /// <summary>The money was captured.</summary>
    Succeeded,

    /// <summary>Refused for good, with a code.</summary>
    Declined,

    /// <summary>Accepted; the outcome comes later (a bank debit).</summary>
    Processing,

    /// <summary>The customer would have to answer a challenge, and is not there.</summary>
    AuthenticationRequired,

    /// <summary>The customer has to do something first: answer a challenge, send coins (<see cref="ChargeAnswer.Action"/>).</summary>
    AwaitingCustomer,

    /// <summary>It was ended before the customer paid, and takes no money any more.</summary>
    Cancelled,

    /// <summary>Nothing was done: not reached, overloaded, or it says so itself. No decline.</summary>
    Error,

    /// <summary>The gateway has no charge of this key, and will take none (an answer to <see cref="IPaymentGateway.ReadAsync"/> alone).</summary>
    NotFound,
}

/// <summary>A gateway's answer about one charge.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Reference">The gateway's own id of the charge.</param>
/// <param name="Amount">What was captured, as the gateway says it.</param>
/// <param name="Code">The decline code.</param>
/// <param name="At">When the gateway did it, on the account's clock; <see langword="null"/> where it does not say.</param>
/// <param name="Action">What the customer has to do.</param>
public sealed record ChargeAnswer(
    ChargeStatus Status, string? Reference = null, Money? Amount = null, string? Code = null, Instant? At = null, NextAction? Action = null);

/// <summary>What a gateway tells about a token.</summary>
/// <param name="Brand">The card's brand.</param>
/// <param name="Last4">Its last four digits.</param>
/// <param name="Fingerprint">The same for the same card, whatever the token.</param>
/// <param name="Network">The card network: <c>visa</c>, <c>mastercard</c>, …</param>
/// <param name="Funding">What it is funded by: <c>credit</c>, <c>debit</c>, <c>prepaid</c>, …</param>
public sealed record MethodDescription(string? Brand, string? Last4, string? Fingerprint, string? Network = null, string? Funding = null);

/// <summary>
/// A gateway whose test accounts live on a test clock too. The clock asks it for its next instant and lets it act, before
/// the accounts do.
/// </summary>
public interface IGatewayOnTestClock
{
    /// <summary>The earliest instant at which the gateway does something by itself on this clock.</summary>
    Task<Instant?> EarliestDueAsync(string clock, CancellationToken cancellationToken);

    /// <summary>Does everything due on this clock up to <paramref name="now"/>, oldest first, and tells us each through its webhook.</summary>
    Task AdvanceAsync(string clock, Instant now, CancellationToken cancellationToken);

    /// <summary>Whether everything that the gateway had to tell about this clock has been told and acknowledged.</summary>
    Task<bool> IsQuietAsync(string clock, CancellationToken cancellationToken);
}
