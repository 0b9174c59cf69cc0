using Billing.Gateways;
using NodaTime;

namespace Billing.Sandbox;

/// <summary>One row of the sandbox's refunds: what a key was answered.</summary>
/// <param name="Id"><c>re_</c> and a hash of the key.</param>
/// <param name="Content">What has to be the same for the key to be the same refund.</param>
/// <param name="Code">Why the money was not sent back; <see langword="null"/>: it was.</param>
internal sealed record SandboxRefund(string Id, string Content, string? Code)
{
    /// <summary>As the database writes it.</summary>
    public string Status => Code is null ? "succeeded" : "declined";

    /// <summary>What the gateway answers.</summary>
    public RefundAnswer Answer() => Code is null ? new(ChargeStatus.Succeeded, Id) : new(ChargeStatus.Declined, Id, Code);
}

/// <summary>A refund with what it was asked for, as a list shows it.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="Refund">What it was answered.</param>
/// <param name="Key">The caller's key.</param>
/// <param name="Charge">The charge.</param>
/// <param name="Payment">The caller's payment.</param>
/// <param name="Amount">How much.</param>
/// <param name="CreatedAt">When, on the clock of the charge's account.</param>
internal sealed record ListedRefund(long Seq, SandboxRefund Refund, string Key, string Charge, string Payment, Money Amount, Instant CreatedAt);

/// <summary>A refund as it is made, with its charge as it is next.</summary>
/// <param name="Refund">The row.</param>
/// <param name="Charge">The charge; <see langword="null"/>: it stays as it is.</param>
internal sealed record RefundDecision(SandboxRefund Refund, SandboxCharge? Charge = null);
