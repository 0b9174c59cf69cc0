using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Billing.Embedded.Engine;

/// <summary>The grain classes of the process, found by name or by the interface they implement.</summary>
internal sealed class GrainClasses
{
    private readonly Dictionary<string, GrainClass> _byName;
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), GrainClass> _byInterface = new();

    public GrainClasses(IOptions<EngineOptions> options) : this(options.Value.GrainAssemblies.Distinct().SelectMany(assembly => assembly.GetTypes()))
    {
    }

    internal GrainClasses(IEnumerable<Type> types) => _byName = types
        .Where(type => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false } && type.IsAssignableTo(typeof(Orleans.IGrain)))
        .Select(type => new GrainClass(type))
        .ToDictionary(grain => grain.Name, StringComparer.Ordinal);

    /// <summary>The class of this grain type name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public GrainClass Named(string name) =>
        _byName.TryGetValue(name, out var grain) ? grain : throw new ArgumentException($"No grain type is named {name}.", nameof(name));

    /// <summary>The class that implements the interface and whose full name starts with the prefix, if one is given.</summary>
    /// <exception cref="ArgumentException">There is none, or more than one.</exception>
    public GrainClass Implementing(Type interfaceType, string? prefix) =>
        _byInterface.GetOrAdd((interfaceType, prefix), static (wanted, classes) => Find(classes, wanted.Interface, wanted.Prefix), _byName.Values);

    private static GrainClass Find(IEnumerable<GrainClass> classes, Type interfaceType, string? prefix)
    {
        GrainClass[] found = [.. classes.Where(grain =>
            grain.Type.IsAssignableTo(interfaceType) && (prefix is null || grain.Type.FullName!.StartsWith(prefix, StringComparison.Ordinal)))];
        return found.Length == 1
            ? found[0]
            : throw new ArgumentException($"{found.Length} grain classes implement {interfaceType}; there must be one.", nameof(interfaceType));
    }
}
