using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>When a failed delivery is made again. The default is that of Standard Webhooks 1.0.0 ("Deliverability and reliability").</summary>
/// <param name="Waits">The wait before each attempt, the first included; when all are used up, the event is exhausted.</param>
public sealed record WebhookSchedule(ImmutableArray<Duration> Waits)
{
    /// <summary>Ten attempts in 75 hours and a half.</summary>
    public static WebhookSchedule Standard { get; } = new(
    [
        Duration.Zero, Duration.FromSeconds(5), Duration.FromMinutes(5), Duration.FromMinutes(30), Duration.FromHours(2), Duration.FromHours(5),
        Duration.FromHours(10), Duration.FromHours(14), Duration.FromHours(20), Duration.FromHours(24),
    ]);

    /// <summary>The wait after so many failures of one event, from 1; <see langword="null"/> where it is exhausted.</summary>
    /// <param name="failures">How often it has failed.</param>
    /// <param name="jitter">Thousandths of <see cref="WebhookLimits.MostJitter"/>.</param>
    /// <param name="retryAfter">What the subscriber asks for; it can lengthen the wait, never shorten it.</param>
    public Duration? After(int failures, int jitter, Duration? retryAfter)
    {
        if (failures >= Waits.Length) return null;
        var wait = Waits[failures];
        wait += Duration.FromMilliseconds(Math.Floor(wait.TotalMilliseconds * WebhookLimits.MostJitter * Math.Clamp(jitter, 0, 1_000) / 1_000));
        return retryAfter is { } asked ? Duration.Max(wait, Duration.Min(asked, WebhookLimits.LongestRetryAfter)) : wait;
    }
}

/// <summary>The bounds of an endpoint. Each has a row in <c>docs/api.md</c>.</summary>
public static class WebhookLimits
{
    /// <summary>Endpoints of an installation.</summary>
    public const int Endpoints = 100;

    /// <summary>Accounts in flight for one endpoint, each with one event.</summary>
    public const int Lanes = 100;

    /// <summary>The most characters of an address.</summary>
    public const int UrlLength = 2_048;

    /// <summary>The most event names and patterns of an endpoint.</summary>
    public const int Events = 50;

    /// <summary>Keys that sign at the same time.</summary>
    public const int Secrets = 4;

    /// <summary>The random bytes of a key; Standard Webhooks asks for 24 to 64.</summary>
    public const int SecretBytes = 32;

    /// <summary>By how much chance may lengthen a wait, so that what failed together is not tried together.</summary>
    public const double MostJitter = 0.2;

    /// <summary>How long a replaced key goes on signing.</summary>
    public static readonly Duration OldSecretSignsFor = Duration.FromHours(24);

    /// <summary>The longest wait that a subscriber can ask for.</summary>
    public static readonly Duration LongestRetryAfter = Duration.FromHours(24);

    /// <summary>The longest quiet that a subscriber can ask for, for all accounts at once.</summary>
    public static readonly Duration LongestQuiet = Duration.FromHours(1);

    /// <summary>After so long an event that is being sent is looked for: longer than any attempt takes.</summary>
    public static readonly Duration SendingLease = Duration.FromMinutes(1);
}
