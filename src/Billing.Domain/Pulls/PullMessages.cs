using NodaTime;

namespace Billing.Domain;

/// <summary>A process has started: pull now what was missed meanwhile, unless that is under way.</summary>
public sealed record BeginPull : Message;

/// <summary>Pull → gateway: compare a page of the books with ours.</summary>
/// <param name="Since">From when on.</param>
/// <param name="Cursor">Which page; <see langword="null"/>: the first.</param>
public sealed record PullPage(Instant Since, string? Cursor) : Message;

/// <summary>Every word of a page is recorded, by the payment that it is about or as an event that is kept.</summary>
/// <param name="Next">The cursor of the next page; <see langword="null"/>: it was the last.</param>
/// <param name="Compared">How many words there were.</param>
public sealed record PagePulled(string? Next, int Compared) : Message;

/// <summary>Pull → whoever looks: have the accounts been told what payments recorded up to an instant?</summary>
/// <param name="RecordedBy">The instant.</param>
public sealed record SettlePull(Instant RecordedBy) : Message;

/// <summary>Whether they have.</summary>
public sealed record PullSettled(bool IsQuiet) : Message;

/// <summary>A step of a pull failed; what it has recorded is recorded, and it is made again.</summary>
/// <param name="Why">Why, for an operator.</param>
public sealed record PullFailed(string Why) : Message;

/// <summary>Pull → installation: a pull has come to its end, and everything that it found is recorded.</summary>
/// <param name="Gateway">The gateway.</param>
/// <param name="BegunAt">When it began.</param>
public sealed record PullEnded(string Gateway, Instant BegunAt) : Message;
