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

    /// <summary>At most so many pokes a second, by the whole cluster, so that after an outage nothing wakes all at once. Default 500; from <see cref="Shards"/>.</summary>
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
    /// <summary>So many grains with a stuck message are poked by one sweep: enough to find them after a crash, too few to crowd out the others.</summary>
    private const int StuckPerSweep = 20;

    private long _restsUntil = long.MinValue;
    private bool _wasFull;
    private string _stuckAfter = "";

    /// <inheritdoc />
    public async Task<int> Sweep(SweepCall call)
    {
        // Every silo casts the one net of its shard; the rate is the net's, so it does not grow with the silos.
        if (services.Time.GetTimestamp() < _restsUntil) return _wasFull ? options.PerSecond : 0;
        var now = services.Time.GetInstant();
        var perShard = Math.Max(1, options.PerSecond / options.Shards);
        var most = call.Shard == 0 ? Math.Max(1, options.PerSecond - perShard * (options.Shards - 1)) : perShard;
        var found = await FindAsync(call, now, most);
        var pokes = Fairly(found).Take(most).ToArray();
        // Nobody is awaited: a sweep must not be held up by one slow grain, and the next sweep finds it again.
        foreach (var (_, entry, poke) in pokes) _ = Start(poke, entry.Key);
        foreach (var why in pokes.GroupBy(poke => poke.Why, StringComparer.Ordinal)) BillingMeter.Poked(why.Key, why.Count());
        _restsUntil = services.Time.GetTimestamp() + services.Time.TimestampFrequency * pokes.Length / most;
        _wasFull = pokes.Length >= most;
        return _wasFull ? options.PerSecond : pokes.Length;
    }

    /// <summary>What is to be poked, list by list.</summary>
    private async Task<IReadOnlyList<IEnumerable<Poke>>> FindAsync(SweepCall call, Instant now, int most)
    {
        var renewals = await index.UnremindedAsync(now, call.Shard, options.Shards, most);
        if (call.Shard > 0) return [Each("renewal", renewals, Wake)];
        var before = now - call.Lateness;
        var overdue = await index.OverdueAsync(before, most);
        var pending = await index.PendingAsync(before, most);
        var released = await ReleasedAsync(most);
        var pulled = await PulledAsync(most);
        var stale = services.Policies.Book.Changed is { Count: > 0 } changed ? await index.StaleAsync(clock: null, changed, most) : [];
        var stuck = await index.StuckAsync(_stuckAfter, StuckPerSweep);
        _stuckAfter = stuck.Count < StuckPerSweep ? "" : stuck[^1].Key;
        return
        [
            Each("overdue", overdue, Wake), Each("pending", pending, grain => grain.Poke()), Each("renewal", renewals, Wake),
            Each("released", released, Reconsider), Each("pulled", pulled, Reconsider), Each("policy", stale, Reconsider), Each("stuck", stuck, grain => grain.Poke()),
        ];

        Task Wake(IDurableGrain grain) => grain.WakeUp(new Call(new Wake(), now));

        Task Reconsider(IDurableGrain grain) => grain.Execute(new Call(new Reconsider(), now));

        IEnumerable<Poke> Each(string why, IReadOnlyList<IndexEntry> entries, Func<IDurableGrain, Task> poke) =>
            entries.Select(entry => new Poke(why, entry, () => poke(GrainFactory.ByKey(entry.Key))));
    }

    /// <summary>The first of each list, then the second of each: a long list holds none of the others up.</summary>
    private static IEnumerable<Poke> Fairly(IReadOnlyList<IEnumerable<Poke>> lists) =>
        lists.SelectMany(list => list.Select((poke, at) => (poke, at))).OrderBy(ranked => ranked.at).Select(ranked => ranked.poke);

    private sealed record Poke(string Why, IndexEntry Entry, Func<Task> Do);

    /// <summary>Accounts that wait for a pause which is over: nobody could tell them its end in advance.</summary>
    private async Task<IReadOnlyList<IndexEntry>> ReleasedAsync(int most)
    {
        var (pauses, released) = (services.Policies.Book.Pauses, new List<IndexEntry>());
        foreach (var kind in Enum.GetValues<PauseKind>().Where(kind => pauses.Knows(kind) && !pauses.IsOpen(kind))) released.AddRange(await index.WaitingAsync(kind, most));
        return released;
    }

    /// <summary>Accounts whose deletion waits for a pull that has ended.</summary>
    private async Task<IReadOnlyList<IndexEntry>> PulledAsync(int most)
    {
        var (pulls, pulled) = (services.Policies.Book.Pulls, new List<IndexEntry>());
        foreach (var gateway in pulls.Gateways) pulled.AddRange(await index.AwaitingPullAsync(gateway, pulls.LastBegun(gateway)!.Value, most));
        return pulled;
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
