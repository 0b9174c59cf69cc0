namespace Billing.Grains.Accounts;

/// <summary>How a process asks the gates of accounts, wherever they live.</summary>
public interface IGates
{
    /// <summary>The gate's answer, from facts that are durable at the moment of asking.</summary>
    ValueTask<GateResult> CheckAsync(string account, GateCall call);
}

/// <summary>The gates of one process: of an account that lives here without a message, of any other by its grain.</summary>
public sealed class LocalGates(IGrainFactory grains, LocalAccounts local) : IGates
{
    /// <inheritdoc />
    public ValueTask<GateResult> CheckAsync(string account, GateCall call) =>
        local.Check(account, call) is { } answered ? new ValueTask<GateResult>(answered) : new ValueTask<GateResult>(grains.Account(account).Check(call));
}
