using NodaTime;

namespace Billing.Domain;

/// <summary>Payment → card: an attempt with this card was declined.</summary>
/// <param name="Payment">The payment.</param>
/// <param name="Ordinal">Its attempt.</param>
/// <param name="SubmittedAt">When it was submitted.</param>
/// <param name="Clock">The account's test clock.</param>
public sealed record AttemptDeclined(string Payment, int Ordinal, Instant SubmittedAt, string? Clock) : Message;

/// <summary>Payment → card: may another attempt be made with this card now?</summary>
/// <param name="Payment">The payment that asks.</param>
/// <param name="Ordinal">The attempt that it would make.</param>
/// <param name="Fingerprint">The card.</param>
/// <param name="Network">Its network, where the gateway tells it.</param>
/// <param name="Clock">The account's test clock.</param>
public sealed record AskCeiling(string Payment, int Ordinal, string Fingerprint, string? Network, string? Clock) : Message;

/// <summary>Card → payment: whether the networks allow another attempt.</summary>
/// <param name="Ordinal">The attempt that was asked about.</param>
/// <param name="Fingerprint">The card.</param>
/// <param name="Allowed">Whether it may be made.</param>
/// <param name="FreeAt">From when one may be made again, where it may not now.</param>
public sealed record CeilingAnswered(int Ordinal, string Fingerprint, bool Allowed, Instant? FreeAt) : Message;
