using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>Walks through the future of an account: from one instant at which something is due to the next.</summary>
/// <remarks>
/// Implementation note: each instant is decided by the very rules that will decide it when it comes
/// (<see cref="StandingRecorder"/>), and what is told is what they record. Only the attempts are not there to be decided:
/// of those the account knows the rules, and all of them are taken as failed before anything else looks.
/// </remarks>
internal sealed class ForecastWalk(AccountState reached, PolicyBook policies, Instant now)
{
    private readonly PolicyBook _policies = policies.IfPulled;

    /// <summary>Instants with nothing to tell are passed over, but not for ever.</summary>
    private const int MostInstants = 5_000;

    private readonly HashSet<(string Invoice, int Rung)> _told = [];
    private AccountState _state = Forecasts.From(reached, policies, now);

    /// <summary>What happens, in order, up to an instant.</summary>
    public IEnumerable<ForecastEntry> Entries(Instant until)
    {
        for (var i = 0; i < MostInstants && NextAt() is { } at && at <= until; i++)
        {
            foreach (var entry in Happen(at)) yield return entry;
        }
    }

    private Instant? NextAt()
    {
        var ofTime = Timeline.Next(_state, _policies)?.At is { } at ? Instant.Max(at, _state.Standing!.AsOf) : (Instant?)null;
        var ofRungs = PlannedRungs.Of(_state, _policies, now).Where(rung => !_told.Contains((rung.Invoice.Id, rung.Number))).Min(rung => (Instant?)rung.At);
        return ofTime is { } a && ofRungs is { } b ? Instant.Min(a, b) : ofTime ?? ofRungs;
    }

    /// <summary>One instant: attempts, and then what follows from them and from the passing of time.</summary>
    private ImmutableArray<ForecastEntry> Happen(Instant at)
    {
        at = Instant.Max(at, now);
        var before = _state;
        var draft = new AccountDraft(before, at, _policies) { IsForecast = true };
        foreach (var rung in PlannedRungs.Of(before, _policies, now).Where(rung => rung.At <= at && _told.Add((rung.Invoice.Id, rung.Number)))) PlannedRungs.Fail(draft, rung, at);
        Credit.SpendOnUnpaid(draft, at);
        StandingRecorder.Settle(draft, at);
        var rules = new ForecastRules(before, draft.State, _policies);
        var entries = draft.Decide(new Done()).Events.Select(e => rules.Tell(e)).OfType<ForecastEntry>();
        // What was issued meanwhile will not be paid either.
        _state = Forecasts.IfNothingIsPaid(draft.State, _policies);
        return before.Extension is { } ended && _state.Extension is null ? [new ForecastEntry(Instant.Max(ended.Until, now), "extension.ended"), .. entries] : [.. entries];
    }
}
