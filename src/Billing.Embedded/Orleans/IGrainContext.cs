namespace Orleans.Runtime;

/// <summary>What the engine gives to one activation of a grain.</summary>
public interface IGrainContext : IGrainTarget
{
    /// <summary>The services of this activation, a scope of their own.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Ends this activation once the requests that run now are done.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);

    internal IGrainTimer StartTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options);

    internal Billing.Embedded.Reminders.ReminderService Reminders { get; }
}

/// <summary>The identity behind a grain and behind its references; no business of a grain's.</summary>
public interface IGrainTarget
{
    internal string Key { get; }

    internal object ReferenceAs(Type interfaceType);
}
