using System.Text.Json.Nodes;

namespace Billing.Domain.Tests;

/// <summary>
/// The table of rules (<c>rules.json</c>): each names the scenarios or the tests that show it, or says why a scenario cannot.
/// A rule is a page, a chapter and the first words of a sentence.
/// </summary>
public sealed class RulesTests
{
    public const string Table = "rules.json";

    private static readonly JsonObject[] Rules =
        [.. JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Scenarios", Table)))!["rules"]!.AsArray().Select(rule => rule!.AsObject())];

    private static readonly Scenario[] Scenarios = [.. ScenarioTests.Own.Value.Values.SelectMany(scenarios => scenarios)];

    [Fact]
    public void Table_EveryRule_IsShownOrSaysWhyNot()
    {
        Assert.All(Rules, rule => Assert.True(Texts(rule, "scenarios").Any() || Texts(rule, "tests").Any() || rule["without"] is not null, Name(rule)));
        Assert.Equal(Rules.Length, Rules.Select(Name).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Table_EveryNamedScenario_Exists()
    {
        var names = Scenarios.Select(scenario => scenario.Name).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(Rules.SelectMany(rule => Texts(rule, "scenarios")), name => !names.Contains(name));
    }

    [Fact]
    public void Table_EveryNamedTest_Exists()
    {
        var types = typeof(RulesTests).Assembly.GetTypes().ToLookup(type => type.Name, StringComparer.Ordinal);
        Assert.DoesNotContain(Rules.SelectMany(rule => Texts(rule, "tests")), test => test.Split('.') is not [var type, var method] || types[type].All(found => found.GetMethod(method) is null));
    }

    [Fact]
    public void Scenarios_WithASource_AreInTheTableUnderTheirRule()
    {
        var table = Rules.ToDictionary(Name, rule => Texts(rule, "scenarios").ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.All(Scenarios.Where(scenario => scenario.Source is not null), scenario => Assert.True(table.TryGetValue(scenario.Source!, out var shown) && shown.Contains(scenario.Name), scenario.Name));
    }

    [Fact]
    public void Scenarios_OfAllFiles_HaveNamesOfTheirOwn() =>
        Assert.All(Scenarios.GroupBy(scenario => scenario.Name, StringComparer.Ordinal), group => Assert.Single(group));

    private static string Name(JsonObject rule) => rule["rule"]!.GetValue<string>();

    private static IEnumerable<string> Texts(JsonObject rule, string key) => rule[key]?.AsArray().Select(text => text!.GetValue<string>()) ?? [];
}
