using System.Collections.Immutable;
using Billing.Gateways;
using NodaTime;

namespace Billing.Sandbox;

/// <summary>
/// Where the sandbox keeps methods and charges. Each call is one transaction, committed before it returns, which holds the
/// event that tells of the change too. PostgreSQL and memory implement it with the same observable behaviour.
/// </summary>
internal interface ISandboxLedger
{
    /// <summary>Writes what is known of a method; a script given starts anew.</summary>
    Task<SandboxMethod> PutMethodAsync(MethodChange change, CancellationToken cancellationToken);

    /// <summary>A method that was put, or <see langword="null"/>.</summary>
    Task<SandboxMethod?> FindMethodAsync(string token, CancellationToken cancellationToken);

    /// <summary>Makes the key's charge, unless the key has one or is closed.</summary>
    Task<LedgerAnswer> ChargeAsync(ChargeRequest request, Instant now, CancellationToken cancellationToken);

    /// <summary>The key's charge; where there is none the key is closed, for good.</summary>
    Task<SandboxCharge?> ReadOrCloseAsync(ChargeRequest request, CancellationToken cancellationToken);

    /// <summary>A charge by id, or <see langword="null"/>.</summary>
    Task<SandboxCharge?> FindAsync(string charge, CancellationToken cancellationToken);

    /// <summary>Charges in the order in which they were made, with the cursor of each.</summary>
    Task<ImmutableArray<(long Cursor, SandboxCharge Charge)>> ListAsync(string? account, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Charges of a clock that were made or changed at or after an instant, in the order in which they were made, with the cursor of each.</summary>
    Task<ImmutableArray<(long Cursor, SandboxCharge Charge)>> ChangedAsync(string? clock, Instant since, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Refunds of a clock that were made at or after an instant, in that order.</summary>
    Task<ImmutableArray<ListedRefund>> RefundsAsync(string? clock, Instant since, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Makes the key's refund, with what it does to its charge, unless the key has one.</summary>
    /// <returns>The key's refund, whichever call made it.</returns>
    Task<SandboxRefund> RefundAsync(RefundRequest request, CancellationToken cancellationToken);

    /// <summary>Changes a charge as <paramref name="decide"/> says, alone with it; <see langword="null"/>: there is no such charge.</summary>
    Task<ChargeDecision?> ChangeAsync(string charge, Func<SandboxCharge, ChargeDecision> decide, CancellationToken cancellationToken);

    /// <summary>Ends at most <paramref name="limit"/> charges of a clock that end by themselves up to <paramref name="dueBy"/>, oldest first. How many it ended.</summary>
    Task<int> SettleDueAsync(string? clock, Instant dueBy, Instant now, int limit, CancellationToken cancellationToken);

    /// <summary>When the next charge of a clock ends by itself.</summary>
    Task<Instant?> EarliestDueAsync(string? clock, CancellationToken cancellationToken);
}

/// <summary>What a charge met.</summary>
/// <param name="Taken">The outcome that it took from the script; <see langword="null"/>: it took none, the key was known.</param>
/// <param name="Charge">The key's charge; <see langword="null"/>: there is none.</param>
/// <param name="Closed">The key is closed.</param>
/// <param name="SameContent">Whether the key's charge is the one asked for.</param>
internal sealed record LedgerAnswer(string? Taken, SandboxCharge? Charge, bool Closed, bool SameContent);
