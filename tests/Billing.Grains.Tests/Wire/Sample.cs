using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Nodes;
using Billing.Domain;
using NodaTime;

namespace Billing.Grains.Tests.Wire;

/// <summary>A value of any type of the contract in which nothing has its default, so that whatever gets lost is missed.</summary>
internal static class Sample
{
    private static readonly Dictionary<Type, object> s_simple = new()
    {
        [typeof(string)] = "ä \"text\"",
        [typeof(int)] = 7,
        [typeof(long)] = 9_007_199_254_740_993L,
        [typeof(bool)] = true,
        [typeof(decimal)] = 0.19m,
        [typeof(Instant)] = Instant.FromUtc(2026, 3, 6, 12, 30) + Duration.FromMilliseconds(5),
        [typeof(Duration)] = Duration.FromDays(3),
        [typeof(Currency)] = Currency.Parse("EUR"),
        [typeof(JsonObject)] = new JsonObject { ["key"] = "value" },
        [typeof(ImmutableSortedDictionary<string, long>)] = ImmutableSortedDictionary<string, long>.Empty.Add("key", 7),
        [typeof(ImmutableSortedDictionary<string, string>)] = ImmutableSortedDictionary<string, string>.Empty.Add("key", "value"),
    };

    public static T Of<T>() => (T)Of(typeof(T));

    public static object Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (s_simple.TryGetValue(type, out var simple)) return simple;
        if (type.IsEnum) return Enum.GetValues(type).Cast<object>().Last();
        if (IsArray(type)) return ArrayOf(Of(type.GetGenericArguments()[0]), type.GetGenericArguments()[0]);
        return type.IsAbstract ? Of(WireTypes.Concrete(type)[^2]) : Record(type);
    }

    /// <summary>The public properties that differ, by path.</summary>
    public static IEnumerable<string> Differences(object? left, object? right, string path = "")
    {
        if (left is null || right is null || left.GetType() != right.GetType()) return Equals(left, right) ? [] : [$"{path}: {left} | {right}"];
        if (left is JsonNode node) return JsonNode.DeepEquals(node, (JsonNode)right) ? [] : [$"{path}: {left} | {right}"];
        if (left is not string and IEnumerable all)
        {
            var (lefts, rights) = (all.Cast<object>().ToArray(), ((IEnumerable)right).Cast<object>().ToArray());
            return lefts.Length == rights.Length ? lefts.Zip(rights).SelectMany((pair, i) => Differences(pair.First, pair.Second, $"{path}[{i}]")) : [$"{path}: {lefts.Length} | {rights.Length}"];
        }

        return WireTypes.IsOurs(left.GetType()) && left.GetType().IsClass
            ? Properties(left.GetType()).SelectMany(property => Differences(property.GetValue(left), property.GetValue(right), $"{path}.{property.Name}"))
            : Equals(left, right) ? [] : [$"{path}: {left} | {right}"];
    }

    public static PropertyInfo[] Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance);

    public static bool IsArray(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>);

    private static object Record(Type type)
    {
        var constructor = type.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length).First();
        var value = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Of(parameter.ParameterType))]);
        foreach (var property in Properties(type).Where(property => property.CanWrite)) property.SetValue(value, Of(property.PropertyType));
        return value;
    }

    private static object ArrayOf(object item, Type type) =>
        typeof(Sample).GetMethod(nameof(Two), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, [item])!;

    private static ImmutableArray<T> Two<T>(T item) => [item, item];
}
