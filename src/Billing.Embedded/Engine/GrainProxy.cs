using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Runtime;

namespace Billing.Embedded.Engine;

/// <summary>A reference to a grain: implements the grain's interface by sending each call to the activation.</summary>
/// <remarks>
/// Implementation note: not sealed, because the runtime derives the implementation of each interface from it. That is slow,
/// so it happens once an interface, and references are copies of the first.
/// </remarks>
internal class GrainProxy : DispatchProxy, IAddressable, IGrainTarget
{
    private static readonly ConcurrentDictionary<Type, GrainProxy> s_prototypes = new();
    private Catalog? _catalog;

    public GrainAddress Address { get; private set; }

    string IGrainTarget.Key => Address.Key;

    public static object Create(Catalog catalog, GrainAddress address, Type interfaceType)
    {
        var prototype = s_prototypes.GetOrAdd(interfaceType, static type => (GrainProxy)Create(type, typeof(GrainProxy)));
        var proxy = (GrainProxy)prototype.MemberwiseClone();
        proxy._catalog = catalog;
        proxy.Address = address;
        return proxy;
    }

    object IGrainTarget.ReferenceAs(Type interfaceType) => Create(_catalog!, Address, interfaceType);

    public override bool Equals(object? obj) => obj is GrainProxy other && other.Address == Address;

    public override int GetHashCode() => Address.GetHashCode();

    public override string ToString() => Address.ToString();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => GrainMethod.Of(targetMethod!).Send(_catalog!, Address, args ?? []);
}
