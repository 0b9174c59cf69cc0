using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Billing.Domain;
using Billing.Grains.Accounts;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using Orleans;
using Orleans.Runtime;

namespace Billing.Grains.Tests.Wire;

/// <summary>
/// What was ever written is read for ever, and old and new silos run side by side. So what stands in <c>Frozen/</c> stays:
/// each stored envelope, message, argument and answer as JSON, and the names of everything. Adding is free, and is frozen by one
/// run with <c>UPDATE_WIRE=1</c> (at the latest before a release), which adds what is missing and nothing else. What is there must
/// read, and be written again as it was.
/// </summary>
public sealed class FrozenContractTests
{
    private const string Update = "UPDATE_WIRE";
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Wire", "Frozen");
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true };

    public static TheoryData<string> Documents => [.. All.Keys];

    private static SortedDictionary<string, Type> All { get; } = new(
        WireTypes.Messages.Select(type => KeyValuePair.Create("message." + Discriminator(typeof(Message), type), type))
            .Concat(WireTypes.Roots.Select(type => KeyValuePair.Create("call." + type.Name, type)))
            .Concat(Stored().Select(stored => KeyValuePair.Create("stored." + stored.Name, stored.Type)))
            .ToDictionary(StringComparer.Ordinal),
        StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Documents))]
    public void WhatWasWritten_ReadsAndIsWrittenAgainAsItWas(string name)
    {
        var type = All[name];
        var written = typeof(Message).IsAssignableFrom(type) ? typeof(Message) : typeof(Reply).IsAssignableFrom(type) ? typeof(Reply) : type;
        var frozen = Frozen(name + ".json", () => JsonSerializer.Serialize(JsonSerializer.SerializeToElement(Sample.Of(type), written, StoredJson.Default), s_readable));

        var value = JsonSerializer.Deserialize(frozen, written, StoredJson.Default);

        Assert.IsType(type, value);
        Assert.Empty(Lost(JsonElement.Parse(frozen), JsonSerializer.SerializeToElement(value, written, StoredJson.Default), "$"));
    }

    [Fact]
    public void Name_OnceGiven_Stays()
    {
        var now = Names().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();

        var frozen = Frozen("names.txt", () => string.Join('\n', now) + "\n").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        Assert.Empty(frozen.Except(now, StringComparer.Ordinal));
        if (IsUpdating && frozen.Length < now.Length) File.WriteAllText(Source("names.txt"), string.Join('\n', now) + "\n");
    }

    [Fact]
    public void Document_OfWhatIsNoLongerThere_IsMissed()
    {
        // Who takes a message or a grain away takes away what an outbox or a row may still hold.
        Assert.Empty(Directory.EnumerateFiles(s_folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Except(All.Keys, StringComparer.Ordinal));
    }

    [Fact]
    public void Empty_ReadsAsTheGrainThatWasNeverWritten()
    {
        foreach (var (name, type) in Stored()) Assert.True(JsonSerializer.Deserialize("{}", type, StoredJson.Default) is not null, name);
    }

    private static bool IsUpdating => Environment.GetEnvironmentVariable(Update) is { Length: > 0 };

    /// <summary>What is frozen in a file; where it is missing, what would be frozen now.</summary>
    internal static string Frozen(string file, Func<string> now)
    {
        var path = Path.Combine(s_folder, file);
        if (File.Exists(path)) return File.ReadAllText(path);
        var text = now();
        if (!IsUpdating) return text;
        Directory.CreateDirectory(Path.GetDirectoryName(Source(file))!);
        File.WriteAllText(Source(file), text);
        return text;
    }

    private static string Source(string file) => Path.Combine(typeof(FrozenContractTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(x => x.Key == "Frozen").Value!, file);

    /// <summary>What was frozen and is not written any more, or is written otherwise. What is new is not looked at.</summary>
    private static IEnumerable<string> Lost(JsonElement frozen, JsonElement now, string path)
    {
        if (frozen.ValueKind != now.ValueKind) return [$"{path} was {frozen.ValueKind} and is {now.ValueKind}"];
        return frozen.ValueKind switch
        {
            JsonValueKind.Object => frozen.EnumerateObject().SelectMany(property => now.TryGetProperty(property.Name, out var value) ? Lost(property.Value, value, $"{path}.{property.Name}") : [$"{path}.{property.Name} is gone"]),
            JsonValueKind.Array => frozen.GetArrayLength() == now.GetArrayLength()
                ? frozen.EnumerateArray().Zip(now.EnumerateArray()).SelectMany((pair, at) => Lost(pair.First, pair.Second, $"{path}[{at}]"))
                : [$"{path} had {frozen.GetArrayLength()} items and has {now.GetArrayLength()}"],
            _ => JsonElement.DeepEquals(frozen, now) ? [] : [$"{path} was {frozen} and is {now}"],
        };
    }

    /// <summary>The envelope of each grain, by the name of its state in the database.</summary>
    private static IEnumerable<(string Name, Type Type)> Stored() =>
        from grain in typeof(AccountGrain).Assembly.GetTypes()
        from parameter in grain.GetConstructors().SelectMany(constructor => constructor.GetParameters())
        let state = parameter.GetCustomAttribute<PersistentStateAttribute>()
        where state is not null
        select (state.StateName, parameter.ParameterType.GetGenericArguments()[0]);

    private static IEnumerable<string> Names()
    {
        foreach (var grain in typeof(IDurableGrain).Assembly.GetTypes().Where(type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type)))
        {
            var alias = grain.GetCustomAttribute<AliasAttribute>()?.Alias ?? grain.Name;
            foreach (var method in grain.GetMethods())
                yield return $"interface {alias} {method.GetCustomAttribute<AliasAttribute>()?.Alias ?? method.Name}({string.Join(", ", method.GetParameters().Select(parameter => parameter.ParameterType.Name))}) {string.Join(", ", method.ReturnType.GetGenericArguments().Select(type => type.Name))}".TrimEnd();
        }

        foreach (var grain in typeof(AccountGrain).Assembly.GetTypes().Where(type => type.GetCustomAttribute<GrainTypeAttribute>() is not null))
            yield return $"grain {grain.GetCustomAttributesData().Single(data => data.AttributeType == typeof(GrainTypeAttribute)).ConstructorArguments[0].Value}";

        foreach (var type in Reachable())
        {
            if (type.IsEnum) foreach (var value in Enum.GetNames(type)) yield return $"enum {type.Name} {value}";
            foreach (var derived in type.GetCustomAttributes<JsonDerivedTypeAttribute>()) yield return $"derived {type.Name} {derived.TypeDiscriminator}";
        }
    }

    private static HashSet<Type> Reachable()
    {
        var seen = new HashSet<Type>();
        foreach (var type in All.Values.Append(typeof(Message)).Append(typeof(Reply))) Walk(type);
        return seen;

        void Walk(Type type)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (type.IsGenericType) foreach (var argument in type.GetGenericArguments()) Walk(argument);
            if (!WireTypes.IsOurs(type) || !seen.Add(type) || type.IsEnum) return;
            foreach (var derived in type.GetCustomAttributes<JsonDerivedTypeAttribute>()) Walk(derived.DerivedType);
            foreach (var property in Sample.Properties(type)) Walk(property.PropertyType);
        }
    }

    private static string Discriminator(Type root, Type type) => root.GetCustomAttributes<JsonDerivedTypeAttribute>().Single(derived => derived.DerivedType == type).TypeDiscriminator!.ToString()!;
}
