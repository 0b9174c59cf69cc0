using Billing.Grains.Tests.EngineContract;

namespace Billing.Grains.Tests.Embedded;

/// <summary>A grain that fails to wake until the test says that it may.</summary>
public interface IReluctantGrain : IGrainWithStringKey
{
    Task Wake();
}

public sealed class ReluctantGrain(Probe probe) : Grain, IReluctantGrain, IDisposable
{
    public override Task OnActivateAsync(CancellationToken cancellationToken) =>
        probe.IsSet("awake") ? Task.CompletedTask : throw new TimeZoneNotFoundException("Not yet.");

    public Task Wake() => Task.CompletedTask;

    public void Dispose() => probe.Set("disposed");
}

/// <summary>An interface that no engine can serve.</summary>
public interface IUntaskedGrain : IGrainWithStringKey
{
    int Answer();
}

public sealed class UntaskedGrain : Grain, IUntaskedGrain
{
    public int Answer() => 42;
}

/// <summary>An interface with no class.</summary>
public interface IHomelessGrain : IGrainWithStringKey
{
    Task<string> Name();
}

/// <summary>An interface with two classes.</summary>
public interface ITwinGrain : IGrainWithStringKey
{
    Task<string> Name();
}

[GrainType("twins.first")]
public sealed class FirstTwinGrain : Grain, ITwinGrain
{
    public Task<string> Name() => Task.FromResult("first");
}

public sealed class SecondTwinGrain : Grain, ITwinGrain
{
    public Task<string> Name() => Task.FromResult("second");
}

/// <summary>Calls another grain and lets its failure pass.</summary>
public interface IRelayGrain : IGrainWithStringKey
{
    Task<int> AddBare(string stored);

    Task<int> Activation();
}

public sealed class RelayGrain(Probe probe) : Grain, IRelayGrain
{
    private readonly int _activation = probe.Next();

    public Task<int> AddBare(string stored) => GrainFactory.GetGrain<EngineContract.Grains.IStoredGrain>(stored).AddBare(1);

    public Task<int> Activation() => Task.FromResult(_activation);
}

/// <summary>Tells what an ambient value was when it woke and when it was called.</summary>
public interface IAmbientGrain : IGrainWithStringKey
{
    Task<(string? Activation, string? Call)> Read();
}

public sealed class AmbientGrain(Func<string?> read) : Grain, IAmbientGrain
{
    private string? _activation;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _activation = read();
        return Task.CompletedTask;
    }

    public Task<(string? Activation, string? Call)> Read() => Task.FromResult((_activation, read()));
}
