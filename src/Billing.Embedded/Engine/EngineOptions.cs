using System.Reflection;

namespace Billing.Embedded.Engine;

/// <summary>How the embedded engine runs. Every time is measured by its <see cref="TimeProvider"/>.</summary>
public sealed class EngineOptions
{
    /// <summary>Where the grain classes are: every class there that implements a grain interface. Empty by default, so nothing can be called.</summary>
    public IList<Assembly> GrainAssemblies { get; } = [];

    /// <summary>The clock of timers, reminders, timeouts and idleness; by default the one of the service provider, else the system's.</summary>
    public TimeProvider? TimeProvider { get; set; }

    /// <summary>How long a caller waits for an answer, where the method says nothing else. 5 s, the cluster's setting.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an activation may take to read its state and wake, before its callers fail. 10 s.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long <c>OnDeactivateAsync</c> may take, before the activation ends without it. 10 s.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>An activation that nobody called for this long goes away. 15 min, as in Orleans.</summary>
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often idle activations are looked for. 1 min, as in Orleans.</summary>
    public TimeSpan CollectEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// More activations than this make the least recently called tenth go away. 20,000, at least 1: with accounts of 10 KiB
    /// about 200 MiB. Busy activations stay, so the true bound is this and the calls in flight.
    /// </summary>
    public int MaxActivations { get; set; } = 20_000;

    /// <summary>How long a stop waits for running requests before it leaves them. 10 s: below the 30 s that hosts allow.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The shortest period of a reminder. 1 min, as in Orleans.</summary>
    public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many reminder ticks may be on their way at once; the rest wait their turn. 64, fewer than the store's connections.</summary>
    public int ReminderConcurrency { get; set; } = 64;
}
