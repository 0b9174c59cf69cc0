using System.Collections.Immutable;
using Billing.Domain;
using NodaTime;

namespace Billing.Gateways;

/// <summary>
/// A payment gateway, seen from the one grain that talks to it (Payment). It is remote: it commits before it answers, an
/// answer can be lost, and it can be asked again.
/// </summary>
/// <remarks>
/// Implementation note: a gateway that can make a charge before it moves money answers <see cref="CreateAsync"/> with
/// <see cref="ChargeStatus.Created"/>; its id is stored, and <see cref="ConfirmAsync"/> moves the money. One that cannot does
/// everything in <see cref="CreateAsync"/> and is never asked to confirm. Nothing else of the house tells the two apart.
/// </remarks>
public interface IPaymentGateway
{
    /// <summary>The name by which payment methods refer to it: <c>sandbox</c>, <c>stripe</c>.</summary>
    string Name { get; }

    /// <summary>In which units and from which amount it charges a currency.</summary>
    GatewayUnit UnitOf(Currency currency);

    /// <summary>
    /// Makes a charge, once for each <see cref="ChargeRequest.Key"/>: the same key again answers what the first one did.
    /// <see cref="ChargeStatus.Created"/>: it is made and has moved no money, nor will it before it is confirmed. Any other
    /// status: that is what became of it. An exception, like <see cref="ChargeStatus.Unknown"/>, means that money may have moved.
    /// </summary>
    Task<ChargeAnswer> CreateAsync(ChargeRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Lets the charge <see cref="ChargeRequest.Reference"/> move its money; asked only after <see cref="ChargeStatus.Created"/>.
    /// An exception, like <see cref="ChargeStatus.Unknown"/>, means that money may have moved.
    /// </summary>
    Task<ChargeAnswer> ConfirmAsync(ChargeRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// What became of a charge, from a strongly consistent read. <see cref="ChargeStatus.NotFound"/> closes it at the gateway:
    /// no money has moved, and a request that comes later moves none (the fence).
    /// </summary>
    Task<ChargeAnswer> ReadAsync(ChargeRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Ends a charge that waits for the customer or to be confirmed. <see cref="ChargeStatus.Cancelled"/>: it will take no money
    /// any more; <see cref="ChargeStatus.Succeeded"/>: it was paid meanwhile; <see cref="ChargeStatus.Processing"/>: money is
    /// moving, it cannot be ended now.
    /// </summary>
    Task<ChargeAnswer> CancelAsync(ChargeRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Sends money of a captured charge back, once for each <see cref="RefundRequest.Key"/>, however late that comes again: a
    /// gateway that forgets keys looks before it sends.
    /// </summary>
    Task<RefundAnswer> RefundAsync(RefundRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// What the gateway has on its books of charges, refunds and disputes that were made or changed since an instant, in pages
    /// and in the words of its webhooks. It may lag, and it may say again what was said before.
    /// </summary>
    /// <param name="since">From when on.</param>
    /// <param name="clock">On this test clock; <see langword="null"/>: in real time.</param>
    /// <param name="cursor">The <see cref="GatewayPage.Next"/> of the page before; <see langword="null"/>: the first page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HttpRequestException">It did not answer.</exception>
    Task<GatewayPage> ListAsync(Instant since, string? clock, string? cursor, CancellationToken cancellationToken);

    /// <summary>What the gateway knows of a token: brand, last four digits, fingerprint.</summary>
    Task<MethodDescription> DescribeAsync(string token, CancellationToken cancellationToken);
}

/// <summary>
/// How a gateway counts a currency. The exponent of ISO 4217 is ours (<see cref="Currency.Decimals"/>); a gateway's own may
/// differ, and not every amount of ours is one of its amounts.
/// </summary>
/// <param name="Decimals">How many decimals its amounts have.</param>
/// <param name="Step">Its amounts are multiples of this, in its own units.</param>
/// <param name="Minimum">The least that it charges; <see langword="null"/> where it names none.</param>
public sealed record GatewayUnit(int Decimals, long Step = 1, Money? Minimum = null)
{
    /// <summary>
    /// An amount in the gateway's units. Where the gateway cannot say it, the next larger one: the invoice is paid, and the
    /// fraction above it is the customer's prepayment. (The next smaller would leave a rest that nobody can collect.)
    /// </summary>
    /// <exception cref="OverflowException">It is more than the gateway can say.</exception>
    public long FromMoney(Money amount)
    {
        var (up, down) = Scale(amount.Currency);
        var units = checked(amount.MinorUnits * up);
        var divisor = down * Step;
        return checked((units + divisor - 1) / divisor * Step);
    }

    /// <summary>What the gateway's units are in ours; the nearest smaller, where there is none that is the same.</summary>
    public Money ToMoney(long units, Currency currency)
    {
        var (up, down) = Scale(currency);
        return new Money(checked(units * down) / up, currency);
    }

    private (long Up, long Down) Scale(Currency currency)
    {
        long up = 1, down = 1;
        for (var i = currency.Decimals; i < Decimals; i++) up *= 10;
        for (var i = Decimals; i < currency.Decimals; i++) down *= 10;
        return (up, down);
    }
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
/// <param name="Reference">The gateway's own id of the charge, where it is stored.</param>
/// <param name="Ordinal">Which attempt of the payment it is, as metadata.</param>
public sealed record ChargeRequest(
    string Key, string Payment, string Account, Money Amount, string Token, MethodKind Kind, string? Clock, Instant At, bool ByHand, bool Test, Instant? ExpiresAt = null,
    string? Reference = null, int Ordinal = 1);

/// <summary>One refund.</summary>
/// <param name="Key">The idempotency key, the refund's id.</param>
/// <param name="Charge">The gateway's own id of the captured charge.</param>
/// <param name="Payment">Our payment, as metadata.</param>
/// <param name="Account">Our account, as metadata.</param>
/// <param name="Amount">How much to send back.</param>
/// <param name="Clock">The account's test clock; <see langword="null"/> in real time.</param>
/// <param name="At">Now, on the account's clock.</param>
/// <param name="Test">Whether the account is a test account.</param>
/// <param name="FirstSentAt">When it was sent first: a gateway may have forgotten its key since.</param>
public sealed record RefundRequest(string Key, string Charge, string Payment, string Account, Money Amount, string? Clock, Instant At, bool Test, Instant? FirstSentAt = null);

/// <summary>A gateway's answer about a refund.</summary>
/// <param name="Status"><see cref="ChargeStatus.Succeeded"/>, <see cref="ChargeStatus.Declined"/> (it will not), <see cref="ChargeStatus.Error"/> (nothing was done) or <see cref="ChargeStatus.Unknown"/>.</param>
/// <param name="Reference">The gateway's own id of the refund.</param>
/// <param name="Code">Why not.</param>
/// <param name="RetryAfter">How long the whole gateway wants to be left alone.</param>
public sealed record RefundAnswer(ChargeStatus Status, string? Reference = null, string? Code = null, Duration? RetryAfter = null);

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

    /// <summary>No money has moved for this charge, and none will (an answer to <see cref="IPaymentGateway.ReadAsync"/> alone).</summary>
    NotFound,

    /// <summary>It is made and has moved no money; it is to be confirmed once its id is stored (an answer to <see cref="IPaymentGateway.CreateAsync"/> alone).</summary>
    Created,
}

/// <summary>A gateway's answer about one charge.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Reference">The gateway's own id of the charge.</param>
/// <param name="Amount">What was captured, as the gateway says it.</param>
/// <param name="Code">The decline code.</param>
/// <param name="At">When the gateway did it, on the account's clock; <see langword="null"/> where it does not say.</param>
/// <param name="Action">What the customer has to do.</param>
/// <param name="RetryAfter">How long the whole gateway wants to be left alone.</param>
public sealed record ChargeAnswer(
    ChargeStatus Status, string? Reference = null, Money? Amount = null, string? Code = null, Instant? At = null, NextAction? Action = null, Duration? RetryAfter = null);

/// <summary>A page of a gateway's books.</summary>
/// <param name="Events">What it says, in no order.</param>
/// <param name="Next">The cursor of the next page; <see langword="null"/>: this is the last.</param>
public sealed record GatewayPage(ImmutableArray<GatewayEvent> Events, string? Next = null);

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
