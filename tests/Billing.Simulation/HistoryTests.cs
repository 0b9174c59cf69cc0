using Billing.Simulation.Histories;
using Billing.Simulation.Mutations;

namespace Billing.Simulation;

/// <summary>Whatever people, gateways and crashes do, in whatever order: the properties of <see cref="Checks.Net"/> hold.</summary>
public sealed class HistoryTests
{
    [Fact]
    public void Histories_Whatever_KeepEveryProperty()
    {
        // An ordinary run begins at the first seed; a longer one goes on from there.
        var failure = Cases.Seed is { } seed ? History.Of(seed).Live(Mutation.None) : Cases.FirstFailure(1, Cases.Count, Mutation.None);
        Assert.True(failure is null, failure?.Explain());
    }

    /// <summary>For whoever mends: <c>BILLING_SURVEY=a-file</c> writes every kind of failure there, each with its shortest story.</summary>
    [SurveyFact]
    public void Survey_Asked_WritesEveryKindOfFailure()
    {
        var kinds = Cases.Survey(1, Cases.Count, Mutation.None);
        File.WriteAllText(SurveyFactAttribute.Path!, string.Join("\n", kinds.Select(kind => $"{kind.Times} times: {kind.Kind} (seed {kind.First.History.Seed})")) + string.Concat(kinds.Select(kind => $"\n\n=====\n{kind.First.Explain()}")));
    }
}

/// <summary>A survey for whoever asks for it; it asserts nothing, so without a file it is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SurveyFactAttribute : FactAttribute
{
    public SurveyFactAttribute()
    {
        if (string.IsNullOrEmpty(Path)) Skip = "BILLING_SURVEY names no file.";
    }

    internal static string? Path => Environment.GetEnvironmentVariable("BILLING_SURVEY");
}
