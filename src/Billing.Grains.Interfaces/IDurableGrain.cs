using NodaTime;

namespace Billing.Grains.Interfaces;

/// <summary>What every grain of the house can be told. Arguments are single records, so that a contract can grow.</summary>
public interface IDurableGrain : IGrainWithStringKey
{
    /// <summary>A command. It is answered after it is durable, and before anything that follows from it.</summary>
    [Alias("execute")]
    Task<Reply> Execute(Call call);

    /// <summary>A message from another grain's outbox; at least once, and in order for each sender.</summary>
    [Alias("deliver")]
    Task Deliver(Delivery delivery);

    /// <summary>A sender has nothing more to say and no copy of what it said can still come: its last number may be forgotten.</summary>
    [Alias("close")]
    Task Close(string sender);

    /// <summary>What is due may be done now.</summary>
    [Alias("wake")]
    Task WakeUp(Call call);

    /// <summary>Brings the activation to life, so that what is in its outbox goes on.</summary>
    [Alias("poke")]
    Task Poke();

    /// <summary>From the grain's own pump: an outbox entry that no other grain receives has its result.</summary>
    [Alias("conclude")]
    Task Conclude(Conclusion conclusion);

    /// <summary>From the grain's own pump: what was acknowledged may leave the stored outbox.</summary>
    [Alias("trim")]
    Task Trim();
}

/// <summary>A message and the instant that it brings, on the receiver's clock.</summary>
/// <param name="Message">What is told.</param>
/// <param name="At">Now, on the receiver's clock.</param>
/// <param name="By">Who tells it, where somebody outside does.</param>
public sealed record Call(Message Message, Instant At, By? By = null);

/// <summary>A message of an outbox.</summary>
/// <param name="From">The sender's key.</param>
/// <param name="Number">From the sender's one counter; it grows from message to message.</param>
/// <param name="Message">What it says.</param>
/// <param name="At">The sender's now.</param>
/// <param name="By">Whose call led to it.</param>
public sealed record Delivery(string From, long Number, Message Message, Instant At, By? By = null);

/// <summary>The result of an outbox entry that went to a gateway or to notices.</summary>
/// <param name="Entry">The entry's number.</param>
/// <param name="Message">What came of it.</param>
/// <param name="At">When, on the grain's clock.</param>
public sealed record Conclusion(long Entry, Message Message, Instant At);
