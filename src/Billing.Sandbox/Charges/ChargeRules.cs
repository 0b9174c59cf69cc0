using Billing.Gateways;
using NodaTime;

namespace Billing.Sandbox;

/// <summary>What a settlement or a dispute does to a charge. Pure: the storage reads, asks here, and writes what it is told.</summary>
internal static class ChargeRules
{
    /// <summary>The charge that a step leaves; <see langword="null"/>: none.</summary>
    public static SandboxCharge? Make(ChargeRequest request, ScriptStep step)
    {
        if (step.StatusFor(request.ByHand) is not { } status) return null;
        var none = Money.Zero(request.Amount.Currency);
        var createdAt = Micros(request.At);
        return new SandboxCharge
        {
            Id = IdOf(request.Key),
            Key = request.Key,
            Payment = request.Payment,
            Account = request.Account,
            Clock = request.Clock,
            Amount = request.Amount,
            Status = status,
            Code = step.Code,
            CreatedAt = createdAt,
            SettledAt = status == SandboxChargeStatus.Processing ? null : createdAt,
            DueAt = step.DueAt(createdAt),
            DueStatus = step.SettlesTo,
            DueCode = step.SettlesCode,
            Challenge = step.Challenge,
            AmountRefunded = none,
            AmountReversed = none,
        };
    }

    /// <summary>The id of a key's charge.</summary>
    public static string IdOf(string key) => "ch_" + Ids.Hash(key);

    /// <summary>What has to be the same for a key to be the same charge; the instant and the customer's presence may differ.</summary>
    public static string ContentOf(ChargeRequest request) =>
        Ids.Hash(request.Payment, request.Account, $"{request.Amount.MinorUnits} {request.Amount.Currency}", request.Token, request.Kind.ToString(), request.Clock ?? "");

    /// <summary>Ends a charge that is processing.</summary>
    public static ChargeDecision Settle(SandboxCharge charge, SandboxChargeStatus to, string? code, Instant at, Instant now)
    {
        if (charge.Status != SandboxChargeStatus.Processing) return new(Refusal: $"The charge is {charge.Status.Wire()}, not processing.");
        var settledAt = Instant.Max(Micros(at), charge.CreatedAt);
        var settled = charge with
        {
            Status = to,
            Code = code,
            SettledAt = settledAt,
            Challenge = false,
            DueAt = null,
            DueStatus = null,
            DueCode = null,
            Changes = charge.Changes + 1,
        };
        return Told(settled, to == SandboxChargeStatus.Succeeded ? SandboxEventTypes.Succeeded : SandboxEventTypes.Failed, settledAt, now);
    }

    /// <summary>Ends a charge as it ends by itself, at its own instant, however late we look.</summary>
    public static ChargeDecision SettleDue(SandboxCharge charge, Instant now) =>
        Settle(charge, charge.DueStatus!.Value, charge.DueCode, charge.DueAt!.Value, now);

    /// <summary>Opens, loses or wins a dispute.</summary>
    public static ChargeDecision Dispute(SandboxCharge charge, SandboxDispute outcome, Instant at, Instant now)
    {
        (SandboxChargeStatus Status, string Event)? to = (outcome, charge.Status) switch
        {
            (SandboxDispute.Opened, SandboxChargeStatus.Succeeded) => (SandboxChargeStatus.Disputed, SandboxEventTypes.Disputed),
            (SandboxDispute.Won, SandboxChargeStatus.Disputed) => (SandboxChargeStatus.Succeeded, SandboxEventTypes.DisputeWon),
            (SandboxDispute.Lost, SandboxChargeStatus.Disputed or SandboxChargeStatus.Succeeded) => (SandboxChargeStatus.Reversed, SandboxEventTypes.DisputeLost),
            _ => null,
        };
        if (to is not { } next) return new(Refusal: $"A dispute cannot be {outcome.Wire()} for a charge that is {charge.Status.Wire()}.");
        var changed = charge with
        {
            Status = next.Status,
            AmountReversed = next.Status == SandboxChargeStatus.Reversed ? charge.Amount - charge.AmountRefunded : charge.AmountReversed,
            Changes = charge.Changes + 1,
        };
        return Told(changed, next.Event, Instant.Max(Micros(at), charge.CreatedAt), now);
    }

    /// <summary>What the gateway answers about a charge: what became of it. Money taken back was captured; that it is gone, the webhook says.</summary>
    public static ChargeAnswer Answer(SandboxCharge charge) => charge switch
    {
        { Challenge: true } => new(ChargeStatus.AuthenticationRequired, charge.Id, null, charge.Code, charge.SettledAt ?? charge.CreatedAt),
        { Status: SandboxChargeStatus.Processing } => new(ChargeStatus.Processing, charge.Id, null, null, charge.CreatedAt),
        { Status: SandboxChargeStatus.Failed } => new(ChargeStatus.Declined, charge.Id, null, charge.Code, charge.SettledAt),
        _ => new(ChargeStatus.Succeeded, charge.Id, charge.Amount, null, charge.SettledAt),
    };

    /// <summary>The id of the event of a charge's n-th change: the same change is never told under two ids.</summary>
    public static string EventId(string charge, int change) => "evt_" + Ids.Hash(charge, change.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>An instant as PostgreSQL keeps it, so that both storages answer the same.</summary>
    public static Instant Micros(Instant instant) => Instant.FromUnixTimeTicks(instant.ToUnixTimeTicks() / 10 * 10);

    private static ChargeDecision Told(SandboxCharge charge, string type, Instant at, Instant now) =>
        new(charge, new OutboxEvent(EventId(charge.Id, charge.Changes), type, charge.Id, charge.Clock, charge.Status, charge.Code, at, Micros(now)));
}

/// <summary>A charge as it is next, with the event that tells it; or why not.</summary>
internal sealed record ChargeDecision(SandboxCharge? Charge = null, OutboxEvent? Event = null, string? Refusal = null);
