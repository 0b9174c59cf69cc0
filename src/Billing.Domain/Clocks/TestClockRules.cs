using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>A frozen time, and how far it is to be moved.</summary>
public sealed record TestClockState
{
    /// <summary>The instant that accounts on this clock see; <see langword="null"/> while it does not exist.</summary>
    public Instant? Now { get; init; }

    /// <summary>Where it is going; <see langword="null"/> while it stands still.</summary>
    public Instant? Target { get; init; }
}

/// <summary>Makes a clock, frozen at an instant.</summary>
public sealed record PutTestClock(Instant To) : Message;

/// <summary>Runs everything due up to an instant, in order, until quiet. The instant may equal now.</summary>
public sealed record AdvanceTestClock(Instant To) : Message;

/// <summary>The advance got so far; with the target reached and all quiet, it is over.</summary>
public sealed record ClockReached(Instant At, bool IsQuiet) : Message;

/// <summary>Everything that a test clock decides.</summary>
public static class TestClockRules
{
    /// <summary>Decides about one message. Pure.</summary>
    public static Decision<TestClockState> Decide(TestClockState state, Message message, Instant now, string id)
    {
        var draft = new Draft<TestClockState>(state, now);
        return draft.Decide(message switch
        {
            PutTestClock m => Put(draft, m, id),
            AdvanceTestClock m => Advance(draft, m, id),
            ClockReached m => Reached(draft, m),
            Wake or Recover => new Done(id),
            _ => new Refused(Problems.InvalidRequest, $"A test clock does not take {message.GetType().Name}."),
        });
    }

    /// <summary>What lists see of it.</summary>
    public static JsonObject Summary(TestClockState state, string id) => state.Now is not { } now ? [] : new JsonObject
    {
        ["id"] = id,
        ["now"] = now.ToString(),
        ["status"] = state.Target is null ? "ready" : "advancing",
    };

    private static Reply Put(Draft<TestClockState> draft, PutTestClock command, string id)
    {
        if (draft.State.Now == command.To) return new Done(id, Replayed: true);
        if (draft.State.Now is not null) return new Refused(Problems.IdTaken, "This clock exists at another instant; it moves by advance alone, forward.");
        draft.State = new TestClockState { Now = command.To };
        draft.Record(account: null, "clock.set", new JsonObject { ["clock"] = id, ["now"] = command.To.ToString() });
        return new Done(id);
    }

    private static Reply Advance(Draft<TestClockState> draft, AdvanceTestClock command, string id)
    {
        var state = draft.State;
        if (state.Now is not { } now) return new Refused(Problems.NotFound, "There is no such test clock.");
        if (state.Target is { } target) return command.To == target ? new Done(id) : new Refused(Problems.ClockAdvancing, "The clock is on its way to another instant.");
        if (command.To < now) return new Refused(Problems.InvalidRequest, "A clock moves forward only.", [new FieldError("to", "Must not be before the clock's now.")]);
        draft.State = state with { Target = command.To };
        draft.Record(account: null, "clock.advanced", new JsonObject { ["clock"] = id, ["to"] = command.To.ToString() });
        return new Done(id);
    }

    private static Done Reached(Draft<TestClockState> draft, ClockReached message)
    {
        if (draft.State is not { Now: { } now, Target: { } target }) return new Done();
        var at = Instant.Min(Instant.Max(now, message.At), target);
        draft.State = new TestClockState { Now = at, Target = message.IsQuiet && at == target ? null : target };
        return new Done();
    }
}
