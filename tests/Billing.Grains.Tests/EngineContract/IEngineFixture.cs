using Orleans;
using Orleans.Runtime;

namespace Billing.Grains.Tests.EngineContract;

/// <summary>An engine with the test grains, whichever engine this build is for.</summary>
public interface IEngineFixture
{
    /// <summary>The grains, as a caller from outside sees them.</summary>
    IGrainFactory Grains { get; }

    /// <summary>What grains and tests tell each other.</summary>
    Probe Probe { get; }

    /// <summary>The stored rows.</summary>
    TestRows Rows { get; }

    /// <summary>Has the engine take this grain for idle, and returns when its activation is gone.</summary>
    Task LetIdleAsync(IAddressable grain);
}

/// <summary>One engine for the whole suite. Tests use grains of their own, so they see nothing of each other.</summary>
[CollectionDefinition(Name)]
public sealed class EngineSuite : ICollectionFixture<EngineFixture>
{
    public const string Name = "The engine contract";
}
