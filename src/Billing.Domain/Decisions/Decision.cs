using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// What a rule decided: the next state, the messages that leave after it is durable, what happened, and the answer. The
/// grain stores it in one write and only then does anything about it.
/// </summary>
/// <typeparam name="TState">The state that the rule is about.</typeparam>
public sealed record Decision<TState>(TState State, Reply Reply, ImmutableArray<Outgoing> Messages, ImmutableArray<Event> Events)
{
    /// <summary>Whether there is nothing to store.</summary>
    public bool ChangesNothing(TState before) => Messages.IsEmpty && Events.IsEmpty && ReferenceEquals(State, before);
}

/// <summary>A message on its way out.</summary>
/// <param name="To">The receiver: a grain's key, or <see cref="Outgoing.Gateway"/> or <see cref="Outgoing.Notices"/>.</param>
/// <param name="Message">What it says.</param>
public sealed record Outgoing(string To, Message Message)
{
    /// <summary>The payment gateway of the message's method.</summary>
    public const string Gateway = "gateway";

    /// <summary>Whoever delivers notices.</summary>
    public const string Notices = "notices";
}

/// <summary>Something that happened, for the event log. Carries ids, never personal data.</summary>
/// <param name="Account">The account that it belongs to; <see langword="null"/> for what is of no account.</param>
/// <param name="Type">Its dotted name on the wire: <c>payment.succeeded</c>.</param>
/// <param name="OccurredAt">When it was so.</param>
/// <param name="EffectiveAt">From when it counts.</param>
/// <param name="Data">Its details.</param>
public sealed record Event(string? Account, string Type, Instant OccurredAt, Instant EffectiveAt, JsonObject Data);

/// <summary>The answer to a command.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Done), "done")]
[JsonDerivedType(typeof(Refused), "refused")]
public abstract record Reply;

/// <summary>The command took effect, durably.</summary>
/// <param name="Id">What it made or changed.</param>
/// <param name="StandingVersion">The account's facts counted, this one included; 0 where no account is concerned.</param>
/// <param name="Replayed">Whether the effect is an earlier call's with the same key.</param>
public sealed record Done(string? Id = null, long StandingVersion = 0, bool Replayed = false) : Reply;

/// <summary>The state forbids it, or what was asked makes no sense. Nothing was changed.</summary>
/// <param name="Code">A stable code of <see cref="Problems"/>.</param>
/// <param name="Detail">What stands in the way, for a person.</param>
/// <param name="Errors">What is wrong with single fields.</param>
/// <param name="RetryAfter">How long to wait, on the account's clock, where waiting helps.</param>
public sealed record Refused(string Code, string Detail, ImmutableArray<FieldError> Errors = default, Duration? RetryAfter = null) : Reply
{
    /// <summary>What is wrong with single fields.</summary>
    public ImmutableArray<FieldError> Errors { get => field.OrEmpty(); init; } = Errors;

    /// <summary>The payment under way that stands in the way.</summary>
    public string? Payment { get; init; }

    /// <summary>Of what the gate denies, the account's standing.</summary>
    public string? Standing { get; init; }

    /// <summary>Of what the gate denies, what lifts the denial when it is paid.</summary>
    public Money? AmountToClear { get; init; }
}

/// <summary>
/// A decision in the making. Implementation note: rules are pure towards the outside; inside, one object that collects
/// reads better than four values handed from line to line.
/// </summary>
/// <typeparam name="TState">The state that the rule is about.</typeparam>
public sealed class Draft<TState>(TState state, Instant now)
{
    private readonly ImmutableArray<Outgoing>.Builder _messages = ImmutableArray.CreateBuilder<Outgoing>();
    private readonly ImmutableArray<Event>.Builder _events = ImmutableArray.CreateBuilder<Event>();

    /// <summary>The state so far.</summary>
    public TState State { get; set; } = state;

    /// <summary>The instant of the decision.</summary>
    public Instant Now { get; } = now;

    /// <summary>Whether anything was said or done so far.</summary>
    public bool IsSilent => _messages.Count == 0 && _events.Count == 0;

    /// <summary>Sends a message once the state is durable.</summary>
    public void Send(string to, Message message) => _messages.Add(new Outgoing(to, message));

    /// <summary>Records that something happened now.</summary>
    public void Record(string? account, string type, JsonObject data) => Record(account, type, Now, data);

    /// <summary>Records that something happened, with the instant from which it counts.</summary>
    public void Record(string? account, string type, Instant effectiveAt, JsonObject data) =>
        _events.Add(new Event(account, type, Instant.Min(effectiveAt, Now), effectiveAt, data));

    /// <summary>The decision, with its answer.</summary>
    public Decision<TState> Decide(Reply reply) => new(State, reply, _messages.ToImmutable(), _events.ToImmutable());
}
