using System.Reflection;
using Billing.Embedded.Engine;

namespace Billing.Embedded.Deterministic;

/// <summary>
/// The grain classes of simulated processes. Compiling how each is made takes longer than a whole simulated life, so they
/// are made once and shared by all, on every thread.
/// </summary>
/// <param name="types">The classes; what is no grain is passed over.</param>
public sealed class SimulatedGrains(IEnumerable<Type> types)
{
    internal GrainClasses Classes { get; } = new(types);

    /// <summary>The grain classes of an assembly.</summary>
    public static SimulatedGrains Of(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return new(assembly.GetTypes());
    }
}

/// <summary>The services of a simulated process: every one is there already, and lives as long as it.</summary>
/// <remarks>Implementation note: a real container compiles its factories on the thread pool, for each process anew.</remarks>
internal sealed class SimulatedServices(IReadOnlyDictionary<Type, object> given)
    : IServiceProvider, Microsoft.Extensions.DependencyInjection.IServiceScopeFactory, Microsoft.Extensions.DependencyInjection.IServiceScope
{
    private readonly Dictionary<Type, object> _services = new(given);

    public IServiceProvider ServiceProvider => this;

    public void Add(Type type, object service) => _services.Add(type, service);

    public object? GetService(Type serviceType) =>
        serviceType == typeof(Microsoft.Extensions.DependencyInjection.IServiceScopeFactory) ? this : _services.GetValueOrDefault(serviceType);

    public Microsoft.Extensions.DependencyInjection.IServiceScope CreateScope() => this;

    public void Dispose()
    {
        // Scopes own nothing here.
    }
}
