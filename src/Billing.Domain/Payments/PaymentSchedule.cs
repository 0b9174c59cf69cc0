using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>When a payment asks what became of a charge, and when it tries again after a gateway's error.</summary>
public static class PaymentSchedule
{
    /// <summary>An attempt is never sent later than this after it was stored, in real time.</summary>
    public static readonly Duration SendWithin = Duration.FromSeconds(30);

    /// <summary>"No such charge" is believed this long after the attempt can last have been sent.</summary>
    public static readonly Duration AbsenceBelievedAfter = Duration.FromMinutes(10);

    /// <summary>How long a customer may take to answer a challenge.</summary>
    public static readonly Duration ChallengeFor = Duration.FromHours(1);

    /// <summary>A cancel that was not confirmed is asked for again after this.</summary>
    public static readonly Duration CancelAgainAfter = Duration.FromMinutes(1);

    /// <summary>What nobody knows, or no gateway does, for so long needs a human.</summary>
    public static readonly Duration AttentionAfter = Duration.FromHours(24);

    /// <summary>The code with which a gateway ends what the customer did not pay in time.</summary>
    public const string ExpiredCode = "expired";

    private static readonly ImmutableArray<Duration> AskAfter =
        [Duration.FromMinutes(1), Duration.FromMinutes(5), Duration.FromMinutes(15), Duration.FromMinutes(30), Duration.FromHours(2), Duration.FromHours(6)];

    private static readonly Duration AskEvery = Duration.FromHours(12);

    private static readonly Duration FirstRetry = Duration.FromMinutes(5);

    private static readonly Duration LongestRetry = Duration.FromHours(6);

    /// <summary>The instant of a question: 1, 5, 15, 30 min, 2 h, 6 h after the submission, then every 12 h.</summary>
    public static Instant AskAt(Instant submittedAt, int timesAsked) => timesAsked < AskAfter.Length
        ? submittedAt + AskAfter[timesAsked]
        : submittedAt + AskAfter[^1] + AskEvery * (timesAsked - AskAfter.Length + 1);

    /// <summary>How long after its <paramref name="error"/>-th error in a row a try follows the one before: 5, 10, 20 … min, at most 6 h.</summary>
    public static Duration RetryAfter(int error) => error > 7 ? LongestRetry : Duration.Min(LongestRetry, FirstRetry * (1 << (error - 1)));

    /// <summary>Whether a charge that the gateway does not know can no longer arrive.</summary>
    public static bool AbsenceIsBelieved(Instant submittedAt, Instant now) => now >= submittedAt + SendWithin + AbsenceBelievedAfter;
}
