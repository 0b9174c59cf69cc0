using Billing.Sandbox;

namespace Billing.Api.Sandbox;

/// <summary>What a token of the sandbox does when it is charged.</summary>
public sealed record SandboxMethodRequest
{
    /// <summary>At most 1000 outcomes, one for each charge; the last one repeats. Without one a token is <c>ok</c>.</summary>
    public IReadOnlyList<string>? Script { get; init; }

    /// <summary>The same for every token of one card; without one it is made of the token.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The card's network, such as <c>visa</c>.</summary>
    public string? Network { get; init; }

    /// <summary>How the card is funded, such as <c>credit</c>.</summary>
    public string? Funding { get; init; }
}

/// <summary>What a token of the sandbox does. The token itself is not shown.</summary>
/// <param name="Script">One outcome for each charge.</param>
/// <param name="Fingerprint">The same for every token of one card.</param>
/// <param name="Network">The card's network.</param>
/// <param name="Funding">How the card is funded.</param>
public sealed record SandboxMethodResponse(IReadOnlyList<string> Script, string? Fingerprint, string? Network, string? Funding)
{
    internal static SandboxMethodResponse Of(SandboxMethod method) => new(method.Script, method.Fingerprint, method.Network, method.Funding);
}

/// <summary>How a charge that is processing, or a dispute, goes on.</summary>
public sealed record SandboxOutcomeRequest
{
    /// <summary>To settle: <c>ok</c> or <c>decline:&lt;code&gt;</c>. Of a dispute: <c>opened</c>, <c>lost</c> or <c>won</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>To settle with <c>ok</c>: what is captured, where coins come short or over; left out: what was asked for.</summary>
    public long? Amount { get; init; }
}

/// <summary>A row of the sandbox's ledger: money that moved or may move, as the gateway sees it. Amounts are in minor units.</summary>
/// <param name="Id">The charge.</param>
/// <param name="Account">Whose.</param>
/// <param name="Payment">The payment that it was made for.</param>
/// <param name="Amount">What was captured, where it was; else what was asked for.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Status">Where the money is.</param>
/// <param name="Code">Why it failed.</param>
/// <param name="AmountRefunded">What was sent back.</param>
/// <param name="AmountReversed">What was taken back.</param>
/// <param name="CreatedAt">When it was made, on the account's clock.</param>
/// <param name="SettledAt">When it was captured or failed.</param>
public sealed record SandboxChargeResponse(
    string Id, string Account, string Payment, long Amount, string Currency, SandboxChargeStatus Status, string? Code,
    long AmountRefunded, long AmountReversed, Instant CreatedAt, Instant? SettledAt)
{
    internal static SandboxChargeResponse Of(SandboxCharge charge) => new(
        charge.Id, charge.Account, charge.Payment, charge.Amount.MinorUnits, charge.Amount.Currency.Code, charge.Status, charge.Code,
        charge.AmountRefunded.MinorUnits, charge.AmountReversed.MinorUnits, charge.CreatedAt, charge.SettledAt);
}
