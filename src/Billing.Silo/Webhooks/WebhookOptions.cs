using Billing.Domain;
using NodaTime;

namespace Billing.Silo.Webhooks;

/// <summary>The section <c>Billing:Webhooks</c>: how events are sent to subscribers.</summary>
public sealed class WebhookOptions
{
    /// <summary>The shortest and the longest time that a subscriber may be given.</summary>
    public static readonly (TimeSpan Least, TimeSpan Most) TimeoutBounds = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    /// <summary>The most attempts that a schedule may have, and the longest wait between two.</summary>
    public static readonly (int Attempts, TimeSpan Wait) ScheduleBounds = (20, TimeSpan.FromDays(7));

    /// <summary>
    /// Whether events may be sent into this installation's own network, and without TLS. Default: in Development. Elsewhere a
    /// subscriber's address is one of the public internet, whatever its name leads to.
    /// </summary>
    public bool? AllowPrivateTargets { get; set; }

    /// <summary>How long a subscriber may take to answer. Default 20 s; from 1 s to 30 s. Standard Webhooks recommends 15 s to 30 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often each process looks whether the event log has grown. Default 1 s; from 10 ms to 1 min.</summary>
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait before each attempt, the first included. Default: the ten of Standard Webhooks, in 75 hours and a half; 1 to 20, each at most 7 days.</summary>
    public IReadOnlyList<TimeSpan>? Schedule { get; set; }

    /// <summary>The schedule as the rules take it.</summary>
    internal WebhookSchedule ReadSchedule() => Schedule is { Count: > 0 } waits ? new WebhookSchedule([.. waits.Select(Duration.FromTimeSpan)]) : WebhookSchedule.Standard;

    /// <summary>Checks what was configured.</summary>
    /// <exception cref="StartRefusedException">Something is out of its bounds.</exception>
    public void Check()
    {
        if (Timeout < TimeoutBounds.Least || Timeout > TimeoutBounds.Most) throw new StartRefusedException($"Billing:Webhooks:Timeout is {Timeout}; it must be {TimeoutBounds.Least} to {TimeoutBounds.Most}.");
        if (LookEvery < TimeSpan.FromMilliseconds(10) || LookEvery > TimeSpan.FromMinutes(1)) throw new StartRefusedException($"Billing:Webhooks:LookEvery is {LookEvery}; it must be 10 milliseconds to 1 minute.");
        if (Schedule is { } waits && (waits.Count > ScheduleBounds.Attempts || waits.Any(wait => wait < TimeSpan.Zero || wait > ScheduleBounds.Wait)))
            throw new StartRefusedException($"Billing:Webhooks:Schedule must have at most {ScheduleBounds.Attempts} waits, each from nothing to {ScheduleBounds.Wait.Days} days.");
    }
}
