using System.Collections.Immutable;

namespace Billing.Testing.Scenarios;

/// <summary>The project's own scenarios.</summary>
public static class OwnScenarios
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Scenarios");

    /// <summary>All of them, by file.</summary>
    public static readonly ImmutableArray<(string File, ScenarioDocument Scenario)> All =
        [.. ScenarioDocument.FilesIn(Folder).SelectMany(file => ScenarioDocument.In(file).Select(scenario => (Path.GetFileName(file), scenario)))];

    /// <summary>Those that can be played over HTTP, by file.</summary>
    public static readonly ImmutableArray<(string File, ScenarioDocument Scenario)> OverHttp = [.. All.Where(own => HttpScenario.CanPlay(own.Scenario))];
}
