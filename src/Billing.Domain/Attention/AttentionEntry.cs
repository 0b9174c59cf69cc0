using NodaTime;

namespace Billing.Domain;

/// <summary>Something that needs a human, kept in the state of what it concerns.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Kind">What kind of thing: <c>unknown_payment</c>, <c>deletion_waits</c>, …</param>
/// <param name="Subject">The invoice, payment or resource that it is about.</param>
/// <param name="What">What happened, in words.</param>
/// <param name="Do">What to do about it.</param>
/// <param name="Since">Since when.</param>
public sealed record AttentionEntry(string Id, string Kind, string? Subject, string What, string Do, Instant Since) : IIdentified;

/// <summary>A human has dealt with it.</summary>
public sealed record ResolveAttention(string Entry, IdempotencyKey? Key) : Message;
