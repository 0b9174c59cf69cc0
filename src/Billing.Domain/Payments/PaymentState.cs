using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>One intent to move money, its submissions, and where its money lies.</summary>
public sealed record PaymentState
{
    /// <summary>What was asked; <see langword="null"/> while the name is free.</summary>
    public StartPayment? Start { get; init; }

    /// <summary>The payment's name.</summary>
    public string Id { get; init; } = "";

    /// <summary>How it stands.</summary>
    public PaymentStatus Status { get; init; }

    /// <summary>The submissions, in order.</summary>
    public ImmutableArray<Attempt> Attempts { get => field.OrEmpty(); init; }

    /// <summary>The methods that it may still go on to, the present one first.</summary>
    public ImmutableArray<MethodCandidate> Left { get => field.OrEmpty(); init; }

    /// <summary>When it asks the gateway, or tries again after an error.</summary>
    public Instant? DueAt { get; init; }

    /// <summary>How often the gateway was asked about the present attempt.</summary>
    public int TimesAsked { get; init; }

    /// <summary>What was captured.</summary>
    public Money? Captured { get; init; }

    /// <summary>When it ended.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>When it was named.</summary>
    public Instant CreatedAt { get; init; }

    /// <summary>What went to which invoice; taken back as a negative amount.</summary>
    public ImmutableArray<Allocation> Allocations { get => field.OrEmpty(); init; }

    /// <summary>What of it is prepayment.</summary>
    public Money? Prepayment { get; init; }

    /// <summary>The account's facts counted when it took note of the end: money applied, or invoices released.</summary>
    public long SettledVersion { get; init; }

    /// <summary>Whether the account gave it up: nothing more is submitted.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>The newest submission.</summary>
    public Attempt? Newest => Attempts.IsEmpty ? null : Attempts[^1];

    /// <summary>Whether it failed because the gateway did nothing: no decline, the same call may be made again.</summary>
    public bool FailedByError => Status == PaymentStatus.Failed && Newest?.Outcome == AttemptOutcome.Error;
}
