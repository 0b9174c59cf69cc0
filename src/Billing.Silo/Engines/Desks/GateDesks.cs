#if ORLEANS
using System.Collections.Concurrent;
using Billing.Grains.Accounts;
using Billing.Grains.Interfaces;
using Microsoft.Extensions.Logging;

namespace Billing.Silo.Desks;

/// <summary>
/// The gates of a cluster: of an account that lives here without a message, of one that is known to live on another silo at that
/// silo's desk, of any other by its grain, whose answer tells where it lives.
/// </summary>
internal sealed partial class GateDesks(IGrainFactory grains, LocalAccounts local, TimeProvider time, ILogger<GateDesks> logger) : IGates
{
    /// <summary>So many accounts' places are remembered.</summary>
    private const int PlacesRemembered = 100_000;

    private static readonly TimeSpan TellEvery = TimeSpan.FromMinutes(1);

    private long _told;
    private readonly ConcurrentDictionary<string, GateDesk> _places = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, GateDesk> _desks = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public ValueTask<GateResult> CheckAsync(string account, GateCall call) =>
        local.Check(account, call) is { } here ? new ValueTask<GateResult>(here) : AskAsync(account, call);

    private async ValueTask<GateResult> AskAsync(string account, GateCall call)
    {
        if (_places.TryGetValue(account, out var desk) && await desk.AskAsync(account, call) is { } there) return there;
        var answered = await grains.Account(account).Check(call);
        if (answered is { Answer: not null, Silo: { } silo }) Learn(account, silo);
        return answered;
    }

    private void Learn(string account, string silo)
    {
        if (_places.Count >= PlacesRemembered) _places.Clear();
        _places[account] = _desks.GetOrAdd(silo, address => new GateDesk(grains.GetGrain<IGateDeskGrain>(address), failure => Tell(address, failure)));
    }

    /// <summary>Gates are many: one line a minute says that they go the longer way.</summary>
    private void Tell(string silo, Exception failure)
    {
        var (now, told) = (time.GetTimestamp(), Interlocked.Read(ref _told));
        if (told != 0 && time.GetElapsedTime(told, now) < TellEvery) return;
        if (Interlocked.CompareExchange(ref _told, now, told) == told) LogUnanswered(silo, failure.Message);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The gate desk of {Silo} did not answer; its accounts' own grains are asked. {Reason}")]
    private partial void LogUnanswered(string silo, string reason);
}
#endif
