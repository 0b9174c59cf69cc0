using System.Collections.Immutable;

namespace Billing.Domain.Tests;

public sealed class ScenarioTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Scenarios");

    /// <summary>The project's own, by file.</summary>
    internal static readonly Lazy<ImmutableSortedDictionary<string, ImmutableArray<Scenario>>> Own = new(Read);

    public static TheoryData<string, string> OnAClock() => Without("real");

    public static TheoryData<string, string> InRealTime() => Without("clock");

    [Theory]
    [MemberData(nameof(OnAClock))]
    public void Play_OnATestClock_HoldsAtEveryStep(string file, string name) => Find(file, name).Play(Some.Clock);

    [Theory]
    [MemberData(nameof(InRealTime))]
    public void Play_InRealTime_HoldsAtEveryStep(string file, string name) => Find(file, name).Play(clock: null);

    /// <summary>Plays all of the scenarios that <c>BILLING_SCENARIOS</c> names; <c>README.md</c> says how.</summary>
    [OutsideScenariosFact]
    public void Play_FromOutside_HoldsAtEveryStep()
    {
        var (source, part) = (Environment.GetEnvironmentVariable("BILLING_SCENARIOS")!, Environment.GetEnvironmentVariable("BILLING_SCENARIO") ?? "");
        var files = Directory.Exists(source) ? ScenarioDocument.FilesIn(source) : [source];
        var report = new ScenarioReport(withTrace: part.Length > 0);
        foreach (var file in files)
        {
            foreach (var scenario in Scenario.In(file).Where(scenario => scenario.Name.Contains(part, StringComparison.OrdinalIgnoreCase))) report.Play(scenario);
        }

        if (Environment.GetEnvironmentVariable("BILLING_SCENARIOS_REPORT") is { Length: > 0 } path) File.WriteAllLines(path, report.Lines);
        Assert.True(report is { Held: > 0, Broken: 0 }, report.Summary);
    }

    private static TheoryData<string, string> Without(string only)
    {
        var data = new TheoryData<string, string>();
        foreach (var (file, scenarios) in Own.Value)
        {
            foreach (var scenario in scenarios.Where(scenario => scenario.Only != only)) data.Add(file, scenario.Name);
        }

        return data;
    }

    private static ImmutableSortedDictionary<string, ImmutableArray<Scenario>> Read() => ScenarioDocument.FilesIn(Folder)
        .ToImmutableSortedDictionary(file => Path.GetFileName(file), file => Scenario.In(file).ToImmutableArray(), StringComparer.Ordinal);

    /// <summary>A scenario is played anew each time: its text is shared, its world is not.</summary>
    private static Scenario Find(string file, string name) => Own.Value[file].Single(scenario => scenario.Name == name);
}

/// <summary>A test for scenarios from outside; without any it does nothing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OutsideScenariosFactAttribute : FactAttribute
{
    public OutsideScenariosFactAttribute()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("BILLING_SCENARIOS"))) Skip = "BILLING_SCENARIOS names no file or folder.";
    }
}
