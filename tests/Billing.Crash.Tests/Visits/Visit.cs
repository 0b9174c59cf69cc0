using System.Diagnostics;
using Billing.Crash.Tests.Processes;
using Billing.Testing.Loads;
using Billing.Testing.Processes;
using Billing.Testing.Verdicts;

namespace Billing.Crash.Tests.Visits;

/// <summary>A load, the deaths of the process under it, and what is found afterwards.</summary>
/// <param name="What">Where, and at which passing.</param>
/// <param name="Deaths">The exit codes of the processes that died.</param>
/// <param name="Verdict">What is found.</param>
/// <param name="Took">How long it all took.</param>
internal sealed record Visit(string What, IReadOnlyList<int> Deaths, Verdict Verdict, TimeSpan Took)
{
    /// <summary>Whether the process died as was asked for.</summary>
    public bool HasDied => Deaths.Count > 0 && Deaths.All(code => code == ServiceProcess.Killed);

    /// <summary>A load without a crash.</summary>
    public static Task<Visit> UndisturbedAsync(Installation installation, string name, int accounts) => RunAsync(installation, name, accounts, "nothing", crashAt: null, kills: null);

    /// <summary>A load under which the process kills itself at a point.</summary>
    public static Task<Visit> ToPointAsync(Installation installation, string name, int accounts, string crashAt) => RunAsync(installation, name, accounts, crashAt, crashAt, kills: null);

    /// <summary>A load under which the process is killed from outside, so many times at moments of this seed.</summary>
    public static Task<Visit> RandomAsync(Installation installation, string name, int accounts, int seed, int kills)
    {
        var random = new Random(seed);
        return RunAsync(installation, name, accounts, $"seed {seed}", crashAt: null, [.. Enumerable.Range(0, kills).Select(_ => TimeSpan.FromMilliseconds(random.Next(50, 2500)))]);
    }

    private static async Task<Visit> RunAsync(Installation installation, string name, int accounts, string what, string? crashAt, TimeSpan[]? kills)
    {
        var started = Stopwatch.GetTimestamp();
        await installation.StartAsync(crashAt);
        var load = new MixedLoad(installation.Client, name, accounts);
        var running = load.RunAsync();
        var deaths = kills is null ? await DeathAsync(installation, running) : await DeathsAsync(installation, running, kills);
        List<string> unended = [];
        try
        {
            await running;
        }
        catch (Exception ended) when (ended is InvalidOperationException or TimeoutException)
        {
            unended.Add("the load did not end: " + ended.Message);
        }

        var verdict = await Verdict.OfAsync(installation.Client, installation.Database, load, deaths.Count);
        return new Visit(what, deaths, verdict with { Differing = [.. unended, .. verdict.Differing] }, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Waits for the death that was asked for; the next process runs to the end.</summary>
    private static async Task<IReadOnlyList<int>> DeathAsync(Installation installation, Task running)
    {
        var exit = installation.ExitAsync();
        if (await Task.WhenAny(running, exit) == running) return [];
        var code = await exit;
        await installation.StartAsync();
        return [code];
    }

    private static async Task<IReadOnlyList<int>> DeathsAsync(Installation installation, Task running, TimeSpan[] moments)
    {
        List<int> codes = [];
        foreach (var moment in moments)
        {
            // A moment of the load, not a wait for anything: the kill must not know what is going on.
            if (await Task.WhenAny(running, Task.Delay(moment)) == running) break;
            installation.Kill();
            codes.Add(await installation.ExitAsync());
            await installation.StartAsync();
        }

        return codes;
    }
}
