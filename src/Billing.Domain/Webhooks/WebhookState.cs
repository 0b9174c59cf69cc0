using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// One subscriber: where its events go, what signs them, and how far it has got. It holds no event: those are read from the
/// log, by the numbers that are kept here.
/// </summary>
public sealed record WebhookState : AttendedState
{
    /// <summary>Where to; <see langword="null"/>: there is no such endpoint.</summary>
    public string? Url { get; init; }

    /// <summary>Which events: names, or patterns of <see cref="WebhookFilter"/>.</summary>
    public ImmutableArray<string> Events { get => field.OrEmpty(); init; }

    /// <summary>What signs, the newest last. A rotated one goes on signing for <see cref="WebhookLimits.OldSecretSignsFor"/>.</summary>
    public ImmutableArray<WebhookSecret> Secrets { get => field.OrEmpty(); init; }

    /// <summary>Since when and why nothing is sent; <see langword="null"/>: it is enabled.</summary>
    public WebhookDisabled? Disabled { get; init; }

    /// <summary>Of all matching events up to this number each is delivered, or its account has a lane.</summary>
    public long Read { get; init; }

    /// <summary>The accounts in flight: at most <see cref="WebhookLimits.Lanes"/>.</summary>
    public ImmutableArray<WebhookLane> Lanes { get => field.OrEmpty(); init; }

    /// <summary>The subscriber has asked for quiet until then.</summary>
    public Instant? QuietUntil { get; init; }

    /// <summary>Counts what makes earlier attempts meaningless: a replay, other events, another address. What an earlier run reports is ignored.</summary>
    public long Run { get; init; }

    /// <summary>Every matching event up to this number is delivered.</summary>
    public long Cursor => Lanes.IsEmpty ? Read : Lanes.Min(lane => lane.Delivered);

    /// <summary>Whether events are sent.</summary>
    public bool IsEnabled => Url is not null && Disabled is null;

    /// <summary>Whether the subscriber wants to be left alone.</summary>
    public bool IsQuiet(Instant now) => QuietUntil > now;
}

/// <summary>
/// An account in flight. It has one event on its way, the first matching one after <paramref name="Delivered"/>; the next one
/// follows when that is delivered, so that an account's events arrive in order.
/// </summary>
/// <param name="Id">The account; empty for events of no account, which are in order among themselves.</param>
/// <param name="Delivered">The account's matching events up to this number are delivered.</param>
/// <param name="Last">The newest of the account's events that was met, from <c>Delivered + 1</c>; what comes after it the log will bring.</param>
/// <param name="Failures">How often the event on its way has failed.</param>
/// <param name="At">When it is tried next; while it is sent, when somebody should look whether it still is.</param>
/// <param name="IsSending">Whether it is being sent. Whoever finds it so and does not send it, sends it: perhaps again.</param>
public sealed record WebhookLane(string Id, long Delivered, long Last, int Failures, Instant At, bool IsSending) : IIdentified;

/// <summary>A key that signs, as the subscriber knows it: <c>whsec_</c> and the base64 of its bytes.</summary>
/// <param name="Key">The key.</param>
/// <param name="ExpiresAt">Until when it signs; <see langword="null"/> for the one in force.</param>
public sealed record WebhookSecret(string Key, Instant? ExpiresAt)
{
    /// <summary>Says nothing of the key, wherever it is written.</summary>
    public override string ToString() => $"whsec_… until {ExpiresAt}";
}

/// <summary>Nothing is sent.</summary>
/// <param name="At">Since when.</param>
/// <param name="Reason">Why.</param>
public sealed record WebhookDisabled(Instant At, WebhookDisabledReason Reason);

/// <summary>Why an endpoint is disabled. The names are stored and sent.</summary>
public enum WebhookDisabledReason
{
    /// <summary>An operator wanted it so.</summary>
    Operator,

    /// <summary>It answered 410.</summary>
    Gone,

    /// <summary>An event failed as often as it is tried.</summary>
    Exhausted,
}
