using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>Makes or changes an endpoint.</summary>
/// <param name="Url">Where to; <see langword="null"/>: unchanged.</param>
/// <param name="Events">Which events; <see langword="null"/>: unchanged.</param>
/// <param name="Enabled">Whether events are sent; <see langword="null"/>: unchanged.</param>
/// <param name="Secret">The key of an endpoint that is new; an old one keeps its own.</param>
/// <param name="Head">The newest number of the log: a new endpoint begins after it.</param>
public sealed record PutWebhookEndpoint(string? Url, ImmutableArray<string>? Events, bool? Enabled, WebhookSecret Secret, long Head) : Message;

/// <summary>Ends an endpoint.</summary>
public sealed record DeleteWebhookEndpoint : Message;

/// <summary>Puts another key in force.</summary>
/// <param name="Secret">The new key.</param>
/// <param name="Key">The caller's.</param>
public sealed record RotateWebhookSecret(WebhookSecret Secret, IdempotencyKey? Key) : Message;

/// <summary>Sends everything after a number, whether it was delivered or not.</summary>
/// <param name="After">The number; 0 for everything.</param>
/// <param name="Key">The caller's.</param>
public sealed record ReplayWebhooks(long After, IdempotencyKey? Key) : Message;

/// <summary>What came of attempts, and what was met in the log: from the endpoint's own sender.</summary>
/// <param name="Run">The run in which they were made.</param>
/// <param name="Attempts">The attempts that have ended.</param>
/// <param name="Page">What was read; <see langword="null"/> where nothing was.</param>
public sealed record WebhookProgress(long Run, ImmutableArray<WebhookAttempt> Attempts, FeedPage? Page) : Message
{
    /// <summary>The attempts that have ended.</summary>
    public ImmutableArray<WebhookAttempt> Attempts { get => field.OrEmpty(); init; } = Attempts;
}

/// <summary>An attempt that has ended.</summary>
/// <param name="Lane">The account; empty for events of none.</param>
/// <param name="Seq">The event that was sent; for <see cref="WebhookOutcome.NothingLeft"/> the number up to which none matches.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="RetryAfter">How long the subscriber wants to be left alone.</param>
/// <param name="Jitter">By how many thousandths, 0 to 1,000, of <see cref="WebhookLimits.MostJitter"/> the wait for the next attempt grows.</param>
public sealed record WebhookAttempt(string Lane, long Seq, WebhookOutcome Outcome, Duration? RetryAfter, int Jitter);

/// <summary>What came of an attempt.</summary>
public enum WebhookOutcome
{
    /// <summary>A 2xx.</summary>
    Delivered,

    /// <summary>Another answer, or none.</summary>
    Failed,

    /// <summary>429: the subscriber wants fewer requests, whatever they are about.</summary>
    Throttled,

    /// <summary>410: the subscriber wants none any more.</summary>
    Gone,

    /// <summary>Nothing was sent: the account has no matching event there any more, because other events are wanted now.</summary>
    NothingLeft,
}

/// <summary>A part of the log.</summary>
/// <param name="After">The number after which it begins.</param>
/// <param name="UpTo">The number up to which it is complete.</param>
/// <param name="Events">The matching events in it, oldest first.</param>
public sealed record FeedPage(long After, long UpTo, ImmutableArray<FeedEvent> Events)
{
    /// <summary>The matching events in it, oldest first.</summary>
    public ImmutableArray<FeedEvent> Events { get => field.OrEmpty(); init; } = Events;
}

/// <summary>An event of the log.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Lane">Its account; empty for one of none.</param>
public readonly record struct FeedEvent(long Seq, string Lane);
