using Orleans.Concurrency;

namespace Billing.Grains.Tests.EngineContract.Grains;

/// <summary>Sends to others from a plain task that nobody awaits, as every outbox does.</summary>
[Alias("test.pump")]
public interface IPumpGrain : IGrainWithStringKey
{
    /// <summary>Starts to send: <see cref="Take"/> of the receiver with this gate.</summary>
    [Alias("send")]
    Task Send(string receiver, string gate);

    /// <summary>
    /// Sets <c>{key}:here</c>, awaits <paramref name="from"/>, sends as above, sets <c>{key}:sent</c>, awaits
    /// <paramref name="until"/> and ends the activation.
    /// </summary>
    [Alias("send-and-end")]
    Task SendAndEnd(string receiver, string gate, string from, string until);

    /// <summary>Sets <c>{key}:taking</c>, awaits the gate, sets <c>{key}:taken</c>.</summary>
    [Alias("take")]
    Task Take(string gate);

    /// <summary>Ends the activation, which sets <c>{key}:ending</c>, awaits the gate and sets <c>{key}:ended</c>.</summary>
    [Alias("end")]
    Task End(string gate);

    /// <summary>A number of this activation's own.</summary>
    [Alias("activation")]
    [AlwaysInterleave]
    Task<int> Activation();
}

/// <inheritdoc/>
public sealed class PumpGrain(Probe probe) : Grain, IPumpGrain
{
    private readonly int _activation = probe.Next();
    private string? _gate;

    public Task Send(string receiver, string gate)
    {
        using (ExecutionContext.SuppressFlow())
        {
            _ = PumpAsync(receiver, gate);
        }

        return Task.CompletedTask;
    }

    public async Task SendAndEnd(string receiver, string gate, string from, string until)
    {
        probe.Set($"{this.GetPrimaryKeyString()}:here");
        await probe.Until(from);
        await Send(receiver, gate);
        probe.Set($"{this.GetPrimaryKeyString()}:sent");
        await probe.Until(until);
        DeactivateOnIdle();
    }

    public async Task Take(string gate)
    {
        probe.Set($"{this.GetPrimaryKeyString()}:taking");
        await probe.Until(gate);
        probe.Set($"{this.GetPrimaryKeyString()}:taken");
    }

    public Task End(string gate)
    {
        _gate = gate;
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<int> Activation() => Task.FromResult(_activation);

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Set($"{this.GetPrimaryKeyString()}:ending");
        if (_gate is { } gate) await probe.Until(gate);
        probe.Set($"{this.GetPrimaryKeyString()}:ended");
    }

    private async Task PumpAsync(string receiver, string gate)
    {
        try
        {
            await GrainFactory.GetGrain<IPumpGrain>(receiver).Take(gate);
            probe.Set($"{this.GetPrimaryKeyString()}:acknowledged");
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            probe.Set($"{this.GetPrimaryKeyString()}:unacknowledged");
        }
    }
}
