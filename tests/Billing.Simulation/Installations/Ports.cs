using System.Collections.Concurrent;
using Billing.Domain;
using Billing.Embedded.Reminders;
using Billing.Embedded.Storage;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Billing.Simulation.Installations;

/// <summary>The policies of an installation; a new version is known at once. No webhook is lost for good, so nobody waits for a pull.</summary>
internal sealed class KnownPolicies : IPolicyCatalog
{
    public PolicyBook Book { get; set => field = value.With(Pulls.Assumed); } = PolicyBook.Empty;

    public Task RefreshAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Takes every notice, most at once.</summary>
internal sealed class NoticeBox(Installation world) : INoticeSender
{
    public List<SendNotice> Taken { get; } = [];

    public Task<NoticeOutcome> SendAsync(NoticeDelivery delivery, CancellationToken cancellationToken)
    {
        if (!world.Gateway.IsCalm && world.Scheduler.Random.Next(20) == 0) return Task.FromException<NoticeOutcome>(new IOException("The relay did not take it."));
        Taken.Add(delivery.Notice);
        return Task.FromResult(new NoticeOutcome(world.Now, "250"));
    }
}

/// <summary>No event comes here that matches nothing: the simulated gateway names its payments.</summary>
internal sealed class NoInbox : IGatewayInbox
{
    public Task<string?> TakeAsync(GatewayEvent told) => throw new InvalidOperationException("Nothing is told here by webhook.");

    public Task<EventMatched> MatchAsync(GatewayEvent told) => throw new InvalidOperationException("Nothing is kept here.");

    public Task AnnounceAsync(PaymentState payment) => Task.CompletedTask;
}

/// <summary>Nothing dies here by itself: the scheduler crashes the whole process between steps.</summary>
internal sealed class NoCrashPoints : ICrashPoints
{
    public void Pass(CrashPoint point)
    {
        // Every place between two of these is a step of the scheduler already.
    }
}

/// <summary>Reads rows beside the grains, over the same connection.</summary>
internal sealed class RowReader(IGrainStateStore store) : IStateReader
{
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(string stateName, string grainKey, CancellationToken cancellationToken) =>
        (await store.ReadAsync(stateName, grainKey, cancellationToken))?.Payload;
}

/// <summary>The deadlines of the index, as a process reads them at its start.</summary>
internal sealed class DeadlineSeed(MemoryGrainStateStore store) : IReminderSeed
{
#pragma warning disable CS1998 // It never waits: what is in memory is there at once.
    public async IAsyncEnumerable<SeededReminder> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
#pragma warning restore CS1998
    {
        foreach (var entry in store.QueryIndex(index => index.Overdue(DateTimeOffset.MaxValue).ToArray()))
        {
            yield return new SeededReminder(entry.Kind, entry.Key, ReminderNames.Due, entry.Due!.Value, TimeSpan.FromHours(1));
        }
    }
}

/// <summary>Keeps the failures that are logged and were not put there by the simulation: a rule that throws.</summary>
internal sealed class FailureLog : ILoggerFactory, ILogger
{
    public List<string> Unexpected { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
        // There is one.
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is not null && !IsOfTheWorld(exception)) Unexpected.Add($"{formatter(state, exception)} {exception}");
    }

    /// <summary>Lost answers, failed writes, stopping engines: what every caller has to live with.</summary>
    public static bool IsOfTheWorld(Exception exception) =>
        exception is TimeoutException or OperationCanceledException or IOException || exception is OrleansException && (exception.InnerException is null || IsOfTheWorld(exception.InnerException));

    public void Dispose()
    {
        // Owns nothing.
    }
}
