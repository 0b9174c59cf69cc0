using System.Reflection;
using System.Text.Json.Serialization;
using Billing.Domain;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using Orleans;

namespace Billing.Grains.Tests.Wire;

/// <summary>What the grains' interfaces say that calls carry.</summary>
internal static class WireTypes
{
    /// <summary>The arguments and results of every method of every grain of the house, the concrete ones for an abstract one.</summary>
    public static IReadOnlyList<Type> Roots { get; } =
    [
        .. typeof(IDurableGrain).Assembly.GetTypes()
            .Where(type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type))
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Concat(method.ReturnType.GetGenericArguments()))
            .SelectMany(Concrete)
            .Where(IsOurs)
            .Distinct(),
    ];

    /// <summary>What the methods promise to answer.</summary>
    public static IReadOnlyList<Type> Results { get; } =
    [
        .. typeof(IDurableGrain).Assembly.GetTypes()
            .Where(type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type))
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.ReturnType.GetGenericArguments())
            .Distinct(),
    ];

    /// <summary>Every message that a call or an outbox may carry.</summary>
    public static IReadOnlyList<Type> Messages { get; } = Concrete(typeof(Message));

    /// <summary>The state of every grain that keeps one.</summary>
    public static IReadOnlyList<Type> States { get; } =
    [
        .. typeof(DurableGrain<>).Assembly.GetTypes()
            .Where(type => type.BaseType is { IsConstructedGenericType: true } parent && parent.GetGenericTypeDefinition() == typeof(DurableGrain<>))
            .Select(type => type.BaseType!.GetGenericArguments()[0]),
    ];

    public static bool IsOurs(Type type) => type.Namespace?.StartsWith("Billing.", StringComparison.Ordinal) == true;

    /// <summary>The types that a value of this type can have.</summary>
    public static Type[] Concrete(Type type) =>
        type.IsAbstract ? [.. type.GetCustomAttributes<JsonDerivedTypeAttribute>().Select(derived => derived.DerivedType)] : [type];
}
