namespace Billing.Embedded.Reminders;

/// <summary>Where the reminders come from at start: this engine keeps them in memory only, and a deadline is stored with its grain anyway.</summary>
public interface IReminderSeed
{
    /// <summary>The reminders to set. One that a grain has set meanwhile stays as it is.</summary>
    IAsyncEnumerable<SeededReminder> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>A reminder to set at start.</summary>
/// <param name="GrainType">The grain type's name; its class is <see cref="Orleans.IRemindable"/>.</param>
/// <param name="Key">The grain's key.</param>
/// <param name="Name">The reminder's name, as the grain would set it.</param>
/// <param name="DueAt">Its first tick; at once where that is past.</param>
/// <param name="Period">Between ticks; more than zero.</param>
public sealed record SeededReminder(string GrainType, string Key, string Name, DateTimeOffset DueAt, TimeSpan Period);
