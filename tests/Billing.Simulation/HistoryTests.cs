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
    [Fact]
    public void Survey_Asked_WritesEveryKindOfFailure()
    {
        if (Environment.GetEnvironmentVariable("BILLING_SURVEY") is not { Length: > 0 } path) return;
        var kinds = Cases.Survey(1, Cases.Count, Mutation.None);
        File.WriteAllText(path, string.Join("\n", kinds.Select(kind => $"{kind.Times} times: {kind.Kind} (seed {kind.First.History.Seed})")) + string.Concat(kinds.Select(kind => $"\n\n=====\n{kind.First.Explain()}")));
    }
}
