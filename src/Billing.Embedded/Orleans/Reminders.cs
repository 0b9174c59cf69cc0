using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>A registered reminder.</summary>
    public interface IGrainReminder
    {
        /// <summary>Unique within the grain.</summary>
        string ReminderName { get; }
    }

    /// <summary>What a reminder tells about the tick it brings.</summary>
    /// <param name="firstTickTime">When the first tick was due, UTC.</param>
    /// <param name="period">From one due time to the next.</param>
    /// <param name="timeStamp">When this tick was sent, UTC.</param>
    public readonly struct TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
    {
        /// <summary>When the first tick was due, UTC.</summary>
        public DateTime FirstTickTime { get; } = firstTickTime;

        /// <summary>From one due time to the next. Missed ticks are not sent later.</summary>
        public TimeSpan Period { get; } = period;

        /// <summary>When this tick was sent, UTC.</summary>
        public DateTime CurrentTickTime { get; } = timeStamp;
    }
}

namespace Orleans
{
    /// <summary>A grain that reminders may wake.</summary>
    public interface IRemindable : IGrain
    {
        /// <summary>A tick: an ordinary request, sent by the engine. A failure is logged, and the next tick comes all the same.</summary>
        Task ReceiveReminder(string reminderName, TickStatus status);
    }

    /// <summary>The reminders of a grain.</summary>
    public static class GrainReminderExtensions
    {
        /// <summary>Sets the reminder of this name, in the place of an earlier one.</summary>
        /// <param name="grain">The grain; it must be <see cref="IRemindable"/>.</param>
        /// <param name="reminderName">Unique within the grain.</param>
        /// <param name="dueTime">Until the first tick; not negative.</param>
        /// <param name="period">Between ticks; at least the engine's minimum.</param>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period) =>
            Task.FromResult(grain.GrainContext.Reminders.Register(grain.GrainContext, reminderName, dueTime, period));

        /// <summary>The reminder of this name, or <see langword="null"/>.</summary>
        public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName) =>
            Task.FromResult(grain.GrainContext.Reminders.Find(grain.GrainContext, reminderName));

        /// <summary>Cancels the reminder. It may be gone already.</summary>
        public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder)
        {
            grain.GrainContext.Reminders.Unregister(reminder);
            return Task.CompletedTask;
        }
    }
}
