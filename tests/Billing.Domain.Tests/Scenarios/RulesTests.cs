using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Billing.Domain.Tests;

/// <summary>
/// The table of rules (<c>rules.json</c>): each names the scenarios or the tests that show it, or says why a scenario cannot.
/// A rule is a page, a chapter and the first words of a sentence.
/// </summary>
public sealed partial class RulesTests
{
    public const string Table = "rules.json";

    private static readonly string s_tests = Path.GetFullPath(typeof(RulesTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(x => x.Key == "Tests").Value!);

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

    /// <summary>Of any test project: a method that is a test, in the file that holds the class.</summary>
    [Fact]
    public void Table_EveryNamedTest_Exists()
    {
        var tests = Directory.EnumerateFiles(s_tests, "*.cs", SearchOption.AllDirectories).Where(file => !IsBuilt(file)).SelectMany(NamesOfTests).ToHashSet(StringComparer.Ordinal);
        Assert.Contains($"{nameof(RulesTests)}.{nameof(Table_EveryNamedTest_Exists)}", tests);
        Assert.DoesNotContain($"{nameof(RulesTests)}.{nameof(IsBuilt)}", tests);
        Assert.Empty(Rules.SelectMany(rule => Texts(rule, "tests")).Except(tests, StringComparer.Ordinal));
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

    private static bool IsBuilt(string file) => Path.GetRelativePath(s_tests, file).Split(Path.DirectorySeparatorChar) is var folders && (folders.Contains("obj", StringComparer.Ordinal) || folders.Contains("bin", StringComparer.Ordinal));

    private static IEnumerable<string> NamesOfTests(string file)
    {
        var text = File.ReadAllText(file);
        foreach (Match type in ClassName().Matches(text))
        {
            foreach (Match method in TestName().Matches(text)) yield return $"{type.Groups["name"]}.{method.Groups["name"]}";
        }
    }

    [GeneratedRegex(@"\bclass (?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex ClassName();

    /// <summary>A fact or a theory of any kind, then whatever else is said of it, then the method.</summary>
    [GeneratedRegex(@"\[\w*(Fact|Theory)(\([^\n]*\))?\]\s*(\[[^\n]*\]\s*)*public (async )?(Task|void) (?<name>\w+)\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex TestName();

    private static string Name(JsonObject rule) => rule["rule"]!.GetValue<string>();

    private static IEnumerable<string> Texts(JsonObject rule, string key) => rule[key]?.AsArray().Select(text => text!.GetValue<string>()) ?? [];
}
