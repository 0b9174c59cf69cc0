using System.Reflection;
using Billing.Embedded.Storage;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Core;
using Orleans.Runtime;
using Orleans.Storage;

namespace Billing.Embedded.Engine;

/// <summary>Who is called: a grain class and a key.</summary>
internal readonly record struct GrainAddress(GrainClass Class, string Key)
{
    public override string ToString() => $"{Class.Name}/{Key}";
}

/// <summary>A grain class: its name, and how to make an activation of it.</summary>
internal sealed class GrainClass
{
    private const string Suffix = "grain";
    private readonly ObjectFactory _make;
    private readonly (ObjectFactory Make, string Name)[] _states;

    public GrainClass(Type type)
    {
        Type = type;
        Name = type.GetCustomAttribute<GrainTypeAttribute>()?.Name ?? NameByConvention(type);
        var stored =
            from parameter in type.GetConstructors().SelectMany(constructor => constructor.GetParameters())
            let attribute = parameter.GetCustomAttribute<PersistentStateAttribute>()
            where attribute is not null
            select (Parameter: parameter.ParameterType, attribute.StateName);
        var parameters = stored.ToArray();
        // Compiled once: a constructor that is called by reflection is compiled for each activation anew.
        _states = [.. parameters.Select(p => (ActivatorUtilities.CreateFactory(typeof(PersistentState<>).MakeGenericType(p.Parameter.GetGenericArguments()[0]), [typeof(string), typeof(string)]), p.StateName))];
        _make = ActivatorUtilities.CreateFactory(type, [.. parameters.Select(p => p.Parameter)]);
    }

    public Type Type { get; }

    public string Name { get; }

    /// <summary>Makes the grain, and the states that are to be read before it wakes.</summary>
    public (object Grain, IStorage[] States) Make(IServiceProvider services, string key)
    {
        var states = Array.ConvertAll(_states, state => (IStorage)state.Make(services, [state.Name, key]));
        return (_make(services, states), states);
    }

    private static string NameByConvention(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.Length > Suffix.Length && name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;
    }
}
