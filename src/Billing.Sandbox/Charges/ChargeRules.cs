using Billing.Gateways;
using NodaTime;

namespace Billing.Sandbox;

/// <summary>What a settlement, a cancel or a dispute does to a charge. Pure: the storage reads, asks here, and writes what it is told.</summary>
internal static class ChargeRules
{
    /// <summary>The code of a charge whose window closed before the customer paid.</summary>
    public const string Expired = "expired";

    /// <summary>The code of a charge that the caller ended before the customer paid.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The network of the sandbox's coins.</summary>
    public const string CoinNetwork = "sandbox";

    /// <summary>The charge that a step leaves; <see langword="null"/>: none.</summary>
    public static SandboxCharge? Make(ChargeRequest request, ScriptStep step)
    {
        if (step.StatusFor(request.ByHand) is not { } status) return null;
        var none = Money.Zero(request.Amount.Currency);
        var createdAt = Micros(request.At);
        var asks = AskOf(request, step, status);
        Instant? expiresAt = status == SandboxChargeStatus.Processing && asks is not null && request.ExpiresAt is { } until ? Micros(until) : null;
        var due = Due(step, createdAt, expiresAt);
        return new SandboxCharge
        {
            Id = IdOf(request.Key),
            Key = request.Key,
            Payment = request.Payment,
            Account = request.Account,
            Clock = request.Clock,
            Amount = request.Amount,
            Status = status,
            Code = status == SandboxChargeStatus.Failed ? step.Code : null,
            CreatedAt = createdAt,
            SettledAt = status == SandboxChargeStatus.Processing ? null : createdAt,
            ExpiresAt = expiresAt,
            DueAt = due.At,
            DueStatus = due.Status,
            DueCode = due.Code,
            Asks = asks,
            AmountRefunded = none,
            AmountReversed = none,
        };
    }

    /// <summary>The id of a key's charge.</summary>
    public static string IdOf(string key) => "ch_" + Ids.Hash(key);

    /// <summary>What has to be the same for a key to be the same charge; the instant and the customer's presence may differ.</summary>
    public static string ContentOf(ChargeRequest request) =>
        Ids.Hash(request.Payment, request.Account, $"{request.Amount.MinorUnits} {request.Amount.Currency}", request.Token, request.Kind.ToString(), request.Clock ?? "");

    /// <summary>
    /// Ends a charge that is processing, as somebody says: with another amount captured, where one is given. What it did by
    /// itself up to then comes first, even when nobody has looked yet.
    /// </summary>
    public static ChargeDecision Settle(SandboxCharge charge, SandboxChargeStatus to, string? code, Money? amount, Instant at, Instant now)
    {
        if (charge.DueAt <= at)
        {
            var due = SettleDue(charge, now);
            return due with { Refusal = NotProcessing(due.Charge!) };
        }

        if (charge.Status != SandboxChargeStatus.Processing) return new(Refusal: NotProcessing(charge));
        if (amount is { } given && given.Currency != charge.Amount.Currency) return new(Refusal: $"The charge is in {charge.Amount.Currency}, not in {given.Currency}.");
        return End(charge with { Amount = amount ?? charge.Amount }, to, code, at, now);
    }

    /// <summary>Ends a charge as it ends by itself, at its own instant, however late we look.</summary>
    public static ChargeDecision SettleDue(SandboxCharge charge, Instant now) =>
        End(charge, charge.DueStatus!.Value, charge.DueCode, charge.DueAt!.Value, now);

    /// <summary>Ends a charge that waits for the customer; any other stays as it is. The caller knows, so no event tells it.</summary>
    public static ChargeDecision Cancel(SandboxCharge charge, Instant at, Instant now)
    {
        if (!charge.IsWaiting) return new(charge);
        return charge.DueAt <= at
            ? SettleDue(charge, now)
            : new(Ended(charge, SandboxChargeStatus.Failed, Cancelled, at) with { Cancelled = true });
    }

    /// <summary>Opens, loses or wins a dispute.</summary>
    public static ChargeDecision Dispute(SandboxCharge charge, SandboxDispute outcome, Instant at, Instant now)
    {
        (SandboxChargeStatus Status, string Event)? to = (outcome, charge.Status) switch
        {
            (SandboxDispute.Opened, SandboxChargeStatus.Succeeded) => (SandboxChargeStatus.Disputed, SandboxEventTypes.Disputed),
            (SandboxDispute.Won, SandboxChargeStatus.Disputed or SandboxChargeStatus.Succeeded) => (SandboxChargeStatus.Succeeded, SandboxEventTypes.DisputeWon),
            (SandboxDispute.Lost, SandboxChargeStatus.Disputed or SandboxChargeStatus.Succeeded) => (SandboxChargeStatus.Reversed, SandboxEventTypes.DisputeLost),
            _ => null,
        };
        if (to is not { } next) return new(Refusal: $"A dispute cannot be {outcome.Wire()} for a charge that is {charge.Status.Wire()}.");
        var changed = charge with
        {
            Status = next.Status,
            AmountReversed = next.Status == SandboxChargeStatus.Reversed ? charge.AmountReversed + charge.AmountLeft : charge.AmountReversed,
            Changes = charge.Changes + 1,
            ChangedAt = Instant.Max(Micros(at), charge.CreatedAt),
        };

        // Each of the three tells what is, or was, at stake: what was sent back before is not.
        return Told(changed, next.Event, charge.AmountLeft, Instant.Max(Micros(at), charge.CreatedAt), now);
    }

    /// <summary>What the gateway answers about a charge: what became of it. Money taken back was captured; that it is gone, the webhook says.</summary>
    public static ChargeAnswer Answer(SandboxCharge charge) => charge switch
    {
        { IsWaiting: true } => new(ChargeStatus.AwaitingCustomer, charge.Id, null, null, charge.CreatedAt, ActionOf(charge)),
        { Cancelled: true } => new(ChargeStatus.Cancelled, charge.Id, null, charge.Code, charge.SettledAt),
        { Asks: SandboxAsk.Challenge } => new(ChargeStatus.AuthenticationRequired, charge.Id, null, charge.Code, charge.SettledAt),
        { Status: SandboxChargeStatus.Processing } => new(ChargeStatus.Processing, charge.Id, null, null, charge.CreatedAt),
        { Status: SandboxChargeStatus.Failed } => new(ChargeStatus.Declined, charge.Id, null, charge.Code, charge.SettledAt),
        _ => new(ChargeStatus.Succeeded, charge.Id, charge.Amount, null, charge.SettledAt),
    };

    /// <summary>What the gateway answers about a charge that was to be cancelled: one that failed, for whatever reason, takes no money any more.</summary>
    public static ChargeAnswer CancelAnswer(SandboxCharge charge) => charge.Status == SandboxChargeStatus.Failed
        ? new(ChargeStatus.Cancelled, charge.Id, null, charge.Code, charge.SettledAt)
        : Answer(charge);

    /// <summary>The id of the event of a charge's n-th change: the same change is never told under two ids.</summary>
    public static string EventId(string charge, int change) => "evt_" + Ids.Hash(charge, change.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>An instant as PostgreSQL keeps it, so that both storages answer the same.</summary>
    public static Instant Micros(Instant instant) => Instant.FromUnixTimeTicks(instant.ToUnixTimeTicks() / 10 * 10);

    private static SandboxAsk? AskOf(ChargeRequest request, ScriptStep step, SandboxChargeStatus status)
    {
        if (step.Challenge) return SandboxAsk.Challenge;
        return status == SandboxChargeStatus.Processing && request.Kind == MethodKind.Crypto ? SandboxAsk.Coins : null;
    }

    /// <summary>How a charge ends by itself: at its window, unless it settles by then.</summary>
    private static (Instant? At, SandboxChargeStatus? Status, string? Code) Due(ScriptStep step, Instant createdAt, Instant? expiresAt)
    {
        var settlesAt = step.DueAt(createdAt);
        return expiresAt is not null && (settlesAt is null || expiresAt < settlesAt)
            ? (expiresAt, SandboxChargeStatus.Failed, Expired)
            : (settlesAt, step.SettlesTo, step.SettlesCode);
    }

    private static NextAction ActionOf(SandboxCharge charge) => charge.Asks == SandboxAsk.Coins
        ? new(null, "sandbox1" + Ids.Hash("address", charge.Id), charge.Amount.ToString(), CoinNetwork, charge.ExpiresAt)
        : new("https://sandbox.invalid/challenge/" + charge.Id, null, null, null, charge.ExpiresAt);

    private static string NotProcessing(SandboxCharge charge) => $"The charge is {charge.Status.Wire()}, not processing.";

    private static ChargeDecision End(SandboxCharge charge, SandboxChargeStatus to, string? code, Instant at, Instant now)
    {
        var ended = Ended(charge, to, code, at);
        return Told(ended, to == SandboxChargeStatus.Succeeded ? SandboxEventTypes.Succeeded : SandboxEventTypes.Failed, ended.Amount, ended.SettledAt!.Value, now);
    }

    private static SandboxCharge Ended(SandboxCharge charge, SandboxChargeStatus to, string? code, Instant at) => charge with
    {
        Status = to,
        Code = code,
        SettledAt = Instant.Max(Micros(at), charge.CreatedAt),
        Asks = null,
        DueAt = null,
        DueStatus = null,
        DueCode = null,
        Changes = charge.Changes + 1,
        ChangedAt = Instant.Max(Micros(at), charge.CreatedAt),
    };

    private static ChargeDecision Told(SandboxCharge charge, string type, Money amount, Instant at, Instant now) =>
        new(charge, new OutboxEvent(EventId(charge.Id, charge.Changes), type, charge.Id, charge.Clock, charge.Status, charge.Code, amount, at, Micros(now)));
}

/// <summary>
/// A charge as it is next, with the event that tells it, where one does; and why what was asked for is not done. Both: it
/// ended by itself before.
/// </summary>
internal sealed record ChargeDecision(SandboxCharge? Charge = null, OutboxEvent? Event = null, string? Refusal = null);
