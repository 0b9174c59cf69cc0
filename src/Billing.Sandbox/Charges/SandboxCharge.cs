using System.Text.Json.Serialization;
using NodaTime;

namespace Billing.Sandbox;

/// <summary>Where the money of a charge is.</summary>
public enum SandboxChargeStatus
{
    /// <summary>It may move yet.</summary>
    [JsonStringEnumMemberName("processing")] Processing,

    /// <summary>It was captured.</summary>
    [JsonStringEnumMemberName("succeeded")] Succeeded,

    /// <summary>None moved, and none will.</summary>
    [JsonStringEnumMemberName("failed")] Failed,

    /// <summary>It was captured, and the customer disputes it.</summary>
    [JsonStringEnumMemberName("disputed")] Disputed,

    /// <summary>It was captured and taken back.</summary>
    [JsonStringEnumMemberName("reversed")] Reversed,

    /// <summary>It was captured and sent back in full.</summary>
    [JsonStringEnumMemberName("refunded")] Refunded,
}

/// <summary>What a charge asks of the customer.</summary>
internal enum SandboxAsk
{
    /// <summary>The answer to a challenge.</summary>
    Challenge,

    /// <summary>Coins, to the charge's own address.</summary>
    Coins,
}

/// <summary>One row of the sandbox's ledger: money that moved or may move. Instants are on the account's clock, in microseconds.</summary>
public sealed record SandboxCharge
{
    /// <summary><c>ch_</c> and a hash of the key.</summary>
    public required string Id { get; init; }

    /// <summary>The idempotency key: one key, one charge.</summary>
    public required string Key { get; init; }

    /// <summary>The caller's payment, as metadata.</summary>
    public required string Payment { get; init; }

    /// <summary>The caller's account, as metadata.</summary>
    public required string Account { get; init; }

    /// <summary>The account's test clock; <see langword="null"/>: real time.</summary>
    public string? Clock { get; init; }

    /// <summary>What was captured, where it was; else what was asked for. Coins may come short or over.</summary>
    public required Money Amount { get; init; }

    /// <summary>Where it is.</summary>
    public required SandboxChargeStatus Status { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Code { get; init; }

    /// <summary>When it was made: <see cref="Gateways.ChargeRequest.At"/>.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>When it was captured or failed; <see langword="null"/> while it is processing.</summary>
    public Instant? SettledAt { get; init; }

    /// <summary>When it ends by itself: it settles, or its window closes.</summary>
    public Instant? DueAt { get; init; }

    /// <summary>Until when a charge that waits for the customer takes money; <see langword="null"/>: for ever, or it never waited.</summary>
    public Instant? ExpiresAt { get; init; }

    /// <summary>How much was sent back.</summary>
    public required Money AmountRefunded { get; init; }

    /// <summary>How much was taken back.</summary>
    public required Money AmountReversed { get; init; }

    /// <summary>What the customer is asked for; of a failed charge, what it failed for want of.</summary>
    internal SandboxAsk? Asks { get; init; }

    /// <summary>Whether the caller ended it before the customer paid.</summary>
    internal bool Cancelled { get; init; }

    /// <summary>What it ends as by itself.</summary>
    internal SandboxChargeStatus? DueStatus { get; init; }

    /// <summary>The code with which it ends by itself.</summary>
    internal string? DueCode { get; init; }

    /// <summary>Counts its changes, from 1; names its events.</summary>
    internal int Changes { get; init; } = 1;

    /// <summary>When it changed last; <see langword="null"/>: not since it was made.</summary>
    internal Instant? ChangedAt { get; init; }

    /// <summary>Whether the customer has to do something before any money moves.</summary>
    internal bool IsWaiting => Status == SandboxChargeStatus.Processing && Asks is not null;

    /// <summary>What was captured and neither sent nor taken back.</summary>
    internal Money AmountLeft => Amount - AmountRefunded - AmountReversed;
}
