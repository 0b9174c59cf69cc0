using Billing.Gateways;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces.Index;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Billing.Grains.Clocks;

/// <summary>
/// One instant of a test clock: what is due then happens in the order of the domain (outcomes, attempts, steps of
/// standing), oldest first, and each sees what the one before wrote, because between them the clock waits until all is quiet.
/// </summary>
internal sealed class ClockWalk(string clock, IGrainIndex index, IEnumerable<IGatewayOnTestClock> gateways, IGrainFactory grains, GrainServices services)
{
    /// <summary>After so many wake-ups at one instant a grain that stays due is left: it is broken, and others wait.</summary>
    private const int MostWakeUps = 50;

    private const int AtOnce = 32;
    private const int MostPoked = 500;
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(16);

    /// <summary>What is under way for longer was perhaps left by an activation that is gone: it is poked, which harms nobody.</summary>
    private static readonly Duration PokeAfter = Duration.FromSeconds(1);

    private readonly Dictionary<string, int> _wakeUps = new(StringComparer.Ordinal);
    private Instant _at = Instant.MinValue;
    private bool _hasReconsidered;

    /// <summary>Does everything due at the next instant up to the target, or nothing, and says how far the clock is.</summary>
    public async Task<ClockReached> StepAsync(Instant now, Instant target)
    {
        await QuietAsync();
        await ReconsiderAsync(now);
        var next = await NextAsync();
        if (next is not { } due || due > target) return new ClockReached(target, IsQuiet: true);
        if (due > now) return new ClockReached(due, IsQuiet: false);

        if (_at != now) _wakeUps.Clear();
        _at = now;
        services.Crash.Pass(CrashPoint.MidAdvance);
        foreach (var gateway in gateways) await gateway.AdvanceAsync(clock, now, CancellationToken.None);
        await QuietAsync();
        await RunAsync(Pass.Outcomes, "payment", now);
        await RunAsync(Pass.Attempts, "invoice", now);
        await RunAsync(Pass.Standing, "account", now);
        return new ClockReached(now, IsQuiet: false);
    }

    /// <summary>Accounts that have not looked at the policy version in force do so before anything is asked of them.</summary>
    private async Task ReconsiderAsync(Instant now)
    {
        if (_hasReconsidered) return;
        _hasReconsidered = true;
        while (services.Policies.Book.Changed is { Count: > 0 } changed && await index.StaleAsync(clock, changed, MostPoked) is { Count: > 0 } stale)
        {
            await Parallel.ForEachAsync(stale, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, TaskScheduler = TaskScheduler.Current },
                async (entry, _) => await grains.ByKey(entry.Key).Execute(new Call(new Reconsider(), now)));
            await QuietAsync();
        }
    }

    private async Task<Instant?> NextAsync()
    {
        var next = await index.EarliestDueAsync(clock);
        foreach (var gateway in gateways)
        {
            if (await gateway.EarliestDueAsync(clock, CancellationToken.None) is { } due && (next is null || due < next)) next = due;
        }

        return next;
    }

    /// <summary>Wakes the oldest due grain of each account, waits until all is quiet, and looks again.</summary>
    private async Task RunAsync(Pass pass, string kind, Instant now)
    {
        while (true)
        {
            var due = (await index.DueAsync(clock, now)).Where(entry => string.Equals(entry.Kind, kind, StringComparison.Ordinal) && IsWoken(entry, now)).ToArray();
            if (due.Length == 0) return;
            var oldest = due.GroupBy(AccountOf, StringComparer.Ordinal).Select(group => group.OrderBy(OrderOf, StringComparer.Ordinal).First());
            await Parallel.ForEachAsync(oldest, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, TaskScheduler = TaskScheduler.Current }, async (entry, _) =>
            {
                _wakeUps[entry.Key] = _wakeUps.GetValueOrDefault(entry.Key) + 1;
                await grains.ByKey(entry.Key).WakeUp(new Call(new Wake(pass), now));
            });
            await QuietAsync();
        }
    }

    private bool IsWoken(IndexEntry entry, Instant now)
    {
        var times = _wakeUps.GetValueOrDefault(entry.Key);
        if (times == MostWakeUps) ClockLog.StaysDue(services.Logs.CreateLogger(typeof(ClockWalk)), clock, entry.Key, now, times);
        return times < MostWakeUps;
    }

    private static string AccountOf(IndexEntry entry) => entry.Summary.TryGetProperty("account", out var account) ? account.GetString() ?? "" : entry.Key;

    /// <summary>By due time, then by number, as instants and numbers sort as text.</summary>
    private static string OrderOf(IndexEntry entry) =>
        (entry.Summary.TryGetProperty("due_at", out var due) ? due.GetString() : null) + " " + (entry.Summary.TryGetProperty("number", out var number) ? number.GetString() : null) + " " + entry.Key;

    private async Task QuietAsync()
    {
        var wait = TimeSpan.FromMilliseconds(1);
        var pokeAt = services.Time.GetInstant() + PokeAfter;
        while (!await IsQuietAsync())
        {
            if (services.Time.GetInstant() >= pokeAt)
            {
                await PokeAsync();
                pokeAt = services.Time.GetInstant() + PokeAfter;
            }

            await Task.Delay(wait, services.Time);
            wait = wait * 2 < LongestPoll ? wait * 2 : LongestPoll;
        }
    }

    private async Task PokeAsync()
    {
        foreach (var entry in await index.PendingAsync(services.Time.GetInstant() - PokeAfter, MostPoked))
        {
            if (string.Equals(entry.Clock, clock, StringComparison.Ordinal)) await grains.ByKey(entry.Key).Poke();
        }
    }

    private async Task<bool> IsQuietAsync()
    {
        if (await index.AnyPendingAsync(clock)) return false;
        foreach (var gateway in gateways)
        {
            if (!await gateway.IsQuietAsync(clock, CancellationToken.None)) return false;
        }

        // What a gateway told meanwhile may have set work going again.
        return !await index.AnyPendingAsync(clock);
    }
}
