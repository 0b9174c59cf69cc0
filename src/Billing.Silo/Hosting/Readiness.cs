using System.Globalization;
using Npgsql;

namespace Billing.Silo;

/// <summary>Whether this process can serve, and if not, why: for load balancers and for whoever starts a cluster.</summary>
/// <param name="time">This host's clock.</param>
/// <param name="drain">Whether the process is leaving.</param>
/// <param name="engine">Whether its grains can be called.</param>
/// <param name="database">The database; none where everything is in memory.</param>
public sealed class Readiness(TimeProvider time, Drain drain, IEngineStatus engine, NpgsqlDataSource? database = null)
{
    /// <summary>
    /// How far this host's clock may be off the database's. Deadlines are instants: a host that is further off would act
    /// early, or late, and the order of what it records would be wrong.
    /// </summary>
    public static TimeSpan ClockTolerance { get; } = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Why the process is not ready; <see langword="null"/> where it is.</summary>
    public async Task<string?> FindTroubleAsync(CancellationToken cancellationToken)
    {
        if (drain.HasBegun) return "The process is stopping.";
        if (await engine.FindTroubleAsync(cancellationToken) is { } trouble) return trouble;
        if (database is null) return null;
        try
        {
            return Judge(await ReadClockAsync(cancellationToken));
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return "The database does not answer.";
        }
    }

    /// <summary>How far the database's clock is ahead of this host's: at least and at most, since the way there takes time too.</summary>
    private async Task<(TimeSpan Least, TimeSpan Most)> ReadClockAsync(CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(Patience);
        await using var command = database!.CreateCommand("SELECT clock_timestamp()");
        var before = time.GetUtcNow();
        var there = new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(bound.Token))!);
        return (there - time.GetUtcNow(), there - before);
    }

    private static string? Judge((TimeSpan Least, TimeSpan Most) ahead)
    {
        var off = ahead.Least > ClockTolerance ? ahead.Least : ahead.Most < -ClockTolerance ? ahead.Most : TimeSpan.Zero;
        return off == TimeSpan.Zero ? null : string.Create(CultureInfo.InvariantCulture, $"This host's clock is {Math.Abs(off.TotalSeconds):0.0} s {(off > TimeSpan.Zero ? "behind" : "ahead of")} the database's; at most 1 s is served.");
    }
}
