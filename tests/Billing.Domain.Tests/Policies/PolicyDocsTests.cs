using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Billing.Domain.Tests;

/// <summary>The tables of <c>docs/policies.md</c> name places and tests: each of them exists.</summary>
public sealed partial class PolicyDocsTests
{
    private static readonly string Docs = File.ReadAllText(Path.Combine(Repository.Root, "docs", "policies.md"));

    [Fact]
    public void Docs_NameEveryKeyOfTheLanguage() =>
        Assert.DoesNotContain(PolicySchemaTests.KeysOf(PolicySchema.Document), key => !Docs.Contains($"`{key}`", StringComparison.Ordinal));

    [Fact]
    public void Docs_PlacesInAPolicy_Exist()
    {
        var places = PlacePattern().Matches(Docs);
        Assert.True(places.Count > 40);
        Assert.All(places, place =>
        {
            var json = JsonElement.Parse(File.ReadAllText(Path.Combine(Repository.Root, place.Groups["file"].Value)));
            foreach (var step in place.Groups["pointer"].Value.Split('/')[1..]) json = json.ValueKind == JsonValueKind.Array ? json[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)] : json.GetProperty(step);
        });
    }

    [Fact]
    public void Docs_ScenariosOfTheTables_Exist()
    {
        var folder = Path.Combine(Repository.Root, "tests", "Billing.Domain.Tests", "Scenarios");
        var names = Directory.GetFiles(folder, "*.json*").SelectMany(Scenario.In).Select(scenario => scenario.Name).ToHashSet(StringComparer.Ordinal);
        var told = ScenarioPattern().Matches(Docs).Select(match => match.Groups["name"].Value).Distinct(StringComparer.Ordinal).ToArray();
        Assert.True(told.Length > 30);
        Assert.Empty(told.Except(names));
    }

    [Fact]
    public void Docs_TestsOfTheTables_Exist()
    {
        var tests = Assembly.GetExecutingAssembly().GetTypes().Where(type => type.Name.EndsWith("Tests", StringComparison.Ordinal)).SelectMany(type => type.GetMethods().Select(method => $"{type.Name}.{method.Name}").Prepend(type.Name));
        var told = TestPattern().Matches(Docs).Select(match => match.Groups["name"].Value).ToArray();
        Assert.True(told.Length > 15);
        Assert.Empty(told.Except(tests));
    }

    [Fact]
    public void Docs_DefaultsOfTheTables_AreTheDefaults()
    {
        var (document, collection) = (PolicyDefaults.Document, PolicyDefaults.Document.GetProperty("collection"));
        (string Start, JsonElement Defaults)[] tables =
        [
            ("## The whole document", document), ("## `collection`", collection), ("| key of `notices`", collection.GetProperty("notices")),
            ("## `invoice`", document.GetProperty("invoice")), ("## `recovery`", document.GetProperty("recovery")), ("## A standing", PolicyDefaults.Standing),
        ];
        var told = tables.SelectMany(table => Rows(table.Start).Select(row => (row.Key, row.Default, Expected: table.Defaults.GetProperty(row.Key)))).ToArray();

        Assert.True(told.Length > 30);
        Assert.All(told, row => Assert.True(JsonElement.DeepEquals(JsonElement.Parse(row.Default), row.Expected), $"The default of {row.Key} is {row.Expected.GetRawText()}, and docs/policies.md says {row.Default}."));

        // A default that is not told as JSON is told in words.
        static IEnumerable<(string Key, string Default)> Rows(string start)
        {
            var at = Docs.IndexOf(start, StringComparison.Ordinal);
            var rows = Docs[Docs.IndexOf("\n| ---", at, StringComparison.Ordinal)..].Split('\n').Skip(2).TakeWhile(row => row.StartsWith('|'));
            return rows.Select(row => DefaultPattern().Match(row)).Where(row => row.Success).Select(row => (row.Groups["key"].Value, row.Groups["default"].Value));
        }
    }

    [Fact]
    public void Docs_ExampleOfAPolicy_IsValid()
    {
        var example = ExamplePattern().Match(Docs).Groups["json"].Value;
        Assert.Equal(2, Reading.Valid(PolicyDocument.Parse(JsonElement.Parse(example), "three-strikes")).Standings.Length);
    }

    [GeneratedRegex("`(?<file>policies/[a-z-]+\\.json)#(?<pointer>[^`]*)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PlacePattern();

    [GeneratedRegex("`scenario: (?<name>[^`]*)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ScenarioPattern();

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z0-9]*Tests(\\.[A-Za-z0-9_]+)?)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TestPattern();

    [GeneratedRegex("^\\| `(?<key>[a-z_]+)` \\|.*\\| `(?<default>[^`]+)` \\|$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DefaultPattern();

    [GeneratedRegex("```json\\n(?<json>.*?)\\n```", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex ExamplePattern();
}
