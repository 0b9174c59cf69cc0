using System.Collections.Concurrent;
using System.Globalization;
using Billing.Simulation.Histories;
using Billing.Simulation.Mutations;

namespace Billing.Simulation;

/// <summary>
/// How many histories are lived. An ordinary run lives the same ones each time, so that it says something about the change
/// and not about luck; <c>BILLING_CASES=1000000 dotnet test tests/Billing.Simulation</c> goes looking for new ones, and
/// <c>BILLING_SEED=4711</c> lives that one alone.
/// </summary>
internal static class Cases
{
    /// <summary>The histories of an ordinary run.</summary>
    public const int Ordinary = 10_000;

    public static int Count => Read("BILLING_CASES") ?? Ordinary;

    public static int? Seed => Read("BILLING_SEED");

    /// <summary>Lives histories on every processor, each on one thread, until one fails.</summary>
    public static Failure? FirstFailure(int first, int count, Mutation mutation)
    {
        var next = first - 1;
        var failures = new ConcurrentBag<Failure>();
        Thread[] threads =
        [
            .. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
            {
                while (failures.IsEmpty && Interlocked.Increment(ref next) is var seed && seed < first + count)
                {
                    if (History.Of(seed).Live(mutation) is { } failure && IsOf(mutation, failure)) failures.Add(failure);
                }
            })),
        ];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return failures.MinBy(failure => failure.History.Seed);
    }

    /// <summary>A mistake made on purpose is caught by a history that the product as it is survives.</summary>
    private static bool IsOf(Mutation mutation, Failure failure) => mutation == Mutation.None || failure.History.Live(Mutation.None) is null;

    /// <summary>Lives histories and gathers what fails by kind, the shortest history of each.</summary>
    public static IReadOnlyList<(string Kind, int Times, Failure First)> Survey(int first, int count, Mutation mutation)
    {
        var failures = new ConcurrentBag<Failure>();
        Parallel.For(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            if (History.Of(seed).Live(mutation) is { } failure && IsOf(mutation, failure)) failures.Add(failure);
        });
        return [.. failures.GroupBy(failure => KindOf(failure.What)).Select(kind => (kind.Key, kind.Count(), kind.MinBy(failure => failure.History.Steps.Count)!)).OrderByDescending(kind => kind.Item2)];
    }

    private static string KindOf(string what) => string.Concat(what.Split('\n')[0].Select(c => char.IsAsciiDigit(c) ? '#' : c))[..Math.Min(100, what.Split('\n')[0].Length)];

    private static int? Read(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
