namespace Billing.Sandbox;

/// <summary>Enums as the wire and the database write them.</summary>
internal static class Wires
{
    /// <summary>Lower case.</summary>
    public static string Wire(this SandboxChargeStatus status) => status switch
    {
        SandboxChargeStatus.Processing => "processing",
        SandboxChargeStatus.Succeeded => "succeeded",
        SandboxChargeStatus.Failed => "failed",
        SandboxChargeStatus.Disputed => "disputed",
        SandboxChargeStatus.Reversed => "reversed",
        SandboxChargeStatus.Refunded => "refunded",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };

    /// <summary>Lower case.</summary>
    public static string Wire(this SandboxDispute outcome) => outcome switch
    {
        SandboxDispute.Opened => "opened",
        SandboxDispute.Lost => "lost",
        SandboxDispute.Won => "won",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };

    /// <summary>Lower case.</summary>
    public static string Wire(this SandboxAsk ask) => ask switch
    {
        SandboxAsk.Challenge => "challenge",
        SandboxAsk.Coins => "coins",
        _ => throw new ArgumentOutOfRangeException(nameof(ask), ask, null),
    };

    /// <summary>The status that is written so.</summary>
    public static SandboxChargeStatus Status(string wire) => Enum.GetValues<SandboxChargeStatus>().First(status => status.Wire() == wire);

    /// <summary>What is asked for that is written so.</summary>
    public static SandboxAsk Ask(string wire) => Enum.GetValues<SandboxAsk>().First(ask => ask.Wire() == wire);
}
