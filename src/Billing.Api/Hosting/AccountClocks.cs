using System.Collections.Concurrent;

namespace Billing.Api.Hosting;

/// <summary>Now, as an account sees it.</summary>
/// <param name="At">The instant.</param>
/// <param name="IsAdvancing">Whether its test clock is on its way, so that commands have to wait.</param>
internal readonly record struct Now(Instant At, bool IsAdvancing)
{
    /// <summary>Why a command cannot be taken now; <see langword="null"/> where it can.</summary>
    public Problem? Refusal() => IsAdvancing ? Problem.Of(Problems.ClockAdvancing, "The account's test clock is advancing; commands wait until it has arrived.") : null;
}

/// <summary>
/// Which clock an account lives on. That never changes, so it is remembered: the gate asks it each time, and must not ask
/// the account twice.
/// </summary>
internal sealed class AccountClocks(IGrainFactory grains, TimeProvider time)
{
    private static readonly string RealTime = "";

    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <summary>Real time.</summary>
    public Now Real => new(time.GetInstant(), IsAdvancing: false);

    /// <summary>Now for an account; <see langword="null"/> where there is none.</summary>
    public ValueTask<Now?> OfAsync(string account)
    {
        if (!_known.TryGetValue(account, out var clock)) return FindAsync(account);
        return clock.Length == 0 ? new ValueTask<Now?>(Real) : Widen(OnAsync(clock));
    }

    /// <summary>Now on a test clock, or in real time where there is none.</summary>
    public async ValueTask<Now> OnAsync(string? clock)
    {
        if (string.IsNullOrEmpty(clock)) return Real;
        var state = await grains.TestClock(clock).Read();
        return state.Now is { } now ? new Now(now, state.Target is not null) : Real;
    }

    /// <summary>Remembers an account's clock.</summary>
    public void Learn(AccountView account)
    {
        if (_known.Count >= ApiBounds.ClocksRemembered) _known.Clear();
        _known[account.Profile.Id] = account.Profile.TestClock ?? RealTime;
    }

    /// <summary>An account at its own now; <see langword="null"/> where there is none.</summary>
    public async Task<(AccountView View, Now Now)?> ReadAsync(string account)
    {
        if (!Ids.IsValid(account) || await OfAsync(account) is not { } now) return null;
        var view = (await grains.Account(account).Read(new ReadCall(now.At))).View;
        return view is null ? null : (view, now);
    }

    private async ValueTask<Now?> FindAsync(string account)
    {
        if (!Ids.IsValid(account)) return null;
        if ((await grains.Account(account).Read(new ReadCall(Real.At))).View is not { } view) return null;
        Learn(view);
        return await OnAsync(view.Profile.TestClock);
    }

    private static async ValueTask<Now?> Widen(ValueTask<Now> now) => await now;
}
