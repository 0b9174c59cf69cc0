using Billing.Simulation.Histories;
using Billing.Simulation.Mutations;
using Xunit.Abstractions;

namespace Billing.Simulation;

/// <summary>The net holds: each mistake that is made on purpose is caught, by histories that the product as it is survives.</summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    /// <summary>So many histories at most until a mistake is caught.</summary>
    private const int Most = 3_000;

    public static TheoryData<string> Names() => [.. MutationList.All.Select(mutation => mutation.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Mutation_Each_IsCaught(string name)
    {
        var mutation = MutationList.All.Single(mutation => mutation.Name == name);
        var caught = Cases.FirstFailure(1, Most, mutation);
        Assert.True(caught is not null, $"{Most} histories lived with '{name}', and nothing was caught.");
        output.WriteLine($"{name}: caught in seed {caught.History.Seed}: {caught.What}");
    }
}
