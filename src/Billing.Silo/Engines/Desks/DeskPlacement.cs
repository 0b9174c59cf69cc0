#if ORLEANS
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Billing.Silo.Desks;

/// <summary>The grain is on the silo whose address is its key, or nowhere.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class AtItsSiloAttribute() : PlacementAttribute(new AtItsSilo());

[GenerateSerializer]
[Immutable]
[SuppressReferenceTracking]
internal sealed class AtItsSilo : PlacementStrategy;

internal sealed class AtItsSiloDirector : IPlacementDirector
{
    /// <exception cref="SiloUnavailableException">That silo is not there, or is leaving.</exception>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silo = SiloAddress.FromParsableString(target.GrainIdentity.Key.ToString()!);
        return context.GetCompatibleSilos(target).Contains(silo) ? Task.FromResult(silo) : throw new SiloUnavailableException($"{silo} is not one of the cluster's silos.");
    }
}
#endif
