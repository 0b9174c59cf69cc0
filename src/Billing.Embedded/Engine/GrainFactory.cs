using Orleans;

namespace Billing.Embedded.Engine;

/// <summary>References by key.</summary>
internal sealed class GrainFactory(GrainClasses classes, Catalog catalog) : IGrainFactory
{
    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return (TGrainInterface)GrainProxy.Create(
            catalog, new GrainAddress(classes.Implementing(typeof(TGrainInterface), grainClassNamePrefix), primaryKey), typeof(TGrainInterface));
    }
}
