using Billing.Simulation.Histories;
using Billing.Simulation.Mutations;

namespace Billing.Simulation;

/// <summary>The same seed gives the same run, step by step; another seed another one.</summary>
public sealed class DeterminismTests
{
    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Live_TheSameSeed_IsTheSameRun(int seed)
    {
        var (first, second) = (Trace(seed), Trace(seed));
        Assert.Equal(first.Lines, second.Lines);
        Assert.Equal(first.Hash, second.Hash);
        Assert.Equal(first.Steps, second.Steps);
        Assert.NotEqual(first.Hash, Trace(seed + 1).Hash);
    }

    [Fact]
    public void Live_BesideOthersOnOtherThreads_IsTheSameRun()
    {
        ulong[] alone = [.. Enumerable.Range(1, 40).Select(seed => Trace(seed).Hash)];
        var beside = new ulong[alone.Length];
        Parallel.For(0, alone.Length, i => beside[i] = Trace(i + 1).Hash);
        Assert.Equal(alone, beside);
    }

    private static (ulong Hash, long Steps, List<string> Lines) Trace(int seed)
    {
        var lines = new List<string>();
        History.Of(seed).Live(Mutation.None, lines.Add, heard: null, out var world);
        return (world.Scheduler.TraceHash, world.Scheduler.Steps, lines);
    }
}
