using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>A keyed call that took effect.</summary>
/// <param name="Id">The key's hash.</param>
/// <param name="Content">What was asked with it.</param>
/// <param name="At">When.</param>
public sealed record KeyedCall(string Id, string Content, Instant At) : IIdentified;

/// <summary>The state of a grain that a human attends to, an account's aside: that keeps a thousand calls, and each of them shorter (<see cref="IdempotencyRecord"/>).</summary>
public abstract record AttendedState
{
    /// <summary>What needs a human.</summary>
    public ImmutableArray<AttentionEntry> Attention { get => field.OrEmpty(); init; }

    /// <summary>The calls with a key of the last 24 hours.</summary>
    public ImmutableArray<KeyedCall> Calls { get => field.OrEmpty(); init; }

    /// <summary>The account whose events tell of it; <see langword="null"/>: it is of none.</summary>
    public virtual string? Owner => null;
}

/// <summary>A keyed call takes effect once, however often it is made: it is remembered in the very write that holds its effect.</summary>
public static class Once
{
    /// <summary>The keyed calls that one grain remembers; the next one is <c>rate_limited</c> until the oldest is forgotten.</summary>
    public const int MostCalls = 100;

    /// <summary>How long a keyed call is remembered: as long as an account's.</summary>
    public static readonly Duration RememberedFor = AccountLimits.IdempotencyFor;

    /// <summary>A key comes again with something else.</summary>
    public static Refused Mismatch { get; } = new(Problems.IdempotencyMismatch, "This Idempotency-Key came with another content before.");

    /// <summary>The answer to a key that was used before.</summary>
    /// <param name="before">What was asked with it then.</param>
    /// <param name="now">What is asked with it now.</param>
    /// <param name="done">The answer, where that is the same.</param>
    public static Reply Again(string before, string now, Done done) => string.Equals(before, now, StringComparison.Ordinal) ? done with { Replayed = true } : Mismatch;

    /// <summary>Takes a call. Without a key, and after a refusal, it is taken again whenever it comes.</summary>
    /// <param name="draft">What the call is about.</param>
    /// <param name="key">The call's key.</param>
    /// <param name="about">What its answer names.</param>
    /// <param name="take">Its effect.</param>
    internal static Reply Take<TState>(Draft<TState> draft, IdempotencyKey? key, string about, Func<Reply> take) where TState : AttendedState
    {
        if (key is null) return take();
        var calls = draft.State.Calls.RemoveAll(call => call.At + RememberedFor <= draft.Now);
        if (calls.Find(key.Hash) is { } before) return Again(before.Content, key.Content, new Done(about));
        if (calls.Length >= MostCalls) return new Refused(Problems.RateLimited, $"At most {MostCalls} calls with a key in 24 hours.");
        var reply = take();
        if (reply is Done) draft.State = draft.State with { Calls = calls.Add(new KeyedCall(key.Hash, key.Content, draft.Now)) };
        return reply;
    }
}
