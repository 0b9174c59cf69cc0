using Billing.Grains.Hosting;
using Billing.Grains.Interfaces.Index;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Billing.Grains.Sweeping;

/// <summary>How the safety net is cast.</summary>
public sealed class SweeperOptions
{
    /// <summary>How often a process sweeps. Default 1 min; from 1 s.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How late a grain may be before it is poked. Default 30 s; it must be more than a delivery takes.</summary>
    public TimeSpan Lateness { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>At most so many pokes a second, so that after an outage nothing wakes all at once. Default 500.</summary>
    public int PerSecond { get; set; } = 500;

    /// <summary>In how many shards the renewals of healthy accounts are found, each by a sweeper of its own. Default 4; from 1 to 64.</summary>
    public int Shards { get; set; } = 4;
}

/// <summary>
/// The safety net: whatever happened to a timer, a reminder or a process, an overdue grain is found by index and poked.
/// Its cost grows with what is overdue, not with how many accounts there are.
/// </summary>
[GrainType("sweeper")]
public sealed partial class SweeperGrain(GrainServices services, IGrainIndex index, SweeperOptions options) : Grain, ISweeperGrain
{
    /// <inheritdoc />
    public async Task<int> Sweep(SweepCall call)
    {
        var now = services.Time.GetInstant();
        var before = now - call.Lateness;
        var perShard = Math.Max(1, options.PerSecond / options.Shards);
        var renewals = await index.UnremindedAsync(now, call.Shard, options.Shards, perShard);
        foreach (var entry in renewals) _ = Start(() => GrainFactory.ByKey(entry.Key).WakeUp(new Call(new Wake(), now)), entry.Key);
        if (call.Shard > 0) return renewals.Count;

        var stale = services.Policies.Book.Changed is { Count: > 0 } changed ? await index.StaleAsync(clock: null, changed, options.PerSecond) : [];
        var released = await ReleasedAsync();
        var overdue = await index.OverdueAsync(before, options.PerSecond);
        var pending = await index.PendingAsync(before, options.PerSecond);
        foreach (var entry in stale.Concat(released)) _ = Start(() => GrainFactory.ByKey(entry.Key).Execute(new Call(new Reconsider(), now)), entry.Key);
        // Nobody is awaited: a sweep must not be held up by one slow grain, and the next sweep finds it again.
        foreach (var entry in overdue) _ = Start(() => GrainFactory.ByKey(entry.Key).WakeUp(new Call(new Wake(), now)), entry.Key);
        foreach (var entry in pending) _ = Start(() => GrainFactory.ByKey(entry.Key).Poke(), entry.Key);
        return Math.Max(renewals.Count * options.Shards, Math.Max(Math.Max(stale.Count, released.Count), overdue.Count + pending.Count));
    }

    /// <summary>Accounts that wait for a pause which is over: nobody could tell them its end in advance.</summary>
    private async Task<IReadOnlyList<IndexEntry>> ReleasedAsync()
    {
        var (pauses, released) = (services.Policies.Book.Pauses, new List<IndexEntry>());
        foreach (var kind in Enum.GetValues<PauseKind>().Where(kind => pauses.Knows(kind) && !pauses.IsOpen(kind))) released.AddRange(await index.WaitingAsync(kind, options.PerSecond));
        return released;
    }

    private async Task Start(Func<Task> poke, string key)
    {
        try
        {
            await poke();
        }
        catch (Exception failure)
        {
            LogPokeFailed(services.Logs.CreateLogger(typeof(SweeperGrain)), key, failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Poking {Grain} failed; the next sweep does it again.")]
    private static partial void LogPokeFailed(ILogger logger, string grain, Exception failure);
}
