using System.Diagnostics;
using System.Globalization;
using Billing.Crash.Tests.Processes;
using Billing.Testing;

namespace Billing.Crash.Tests.Visits;

/// <summary>The long visit: every point again and again, each time at another passing, and kills at random moments.</summary>
internal static class Soak
{
    private const int Accounts = 100;

    /// <summary>The last passing that a load of <see cref="Accounts"/> accounts is sure to reach.</summary>
    private static readonly (string Point, int Last)[] Points =
        [("before_write", 1700), ("after_write", 1700), ("before_reply", 1500), ("mid_outbox", 1100), ("before_gateway", 140), ("after_gateway", 140), ("mid_advance", 12)];

    /// <summary>Visits, and prints a table.</summary>
    /// <param name="args">The visits of each point (20), and the minutes after which no further one begins (25).</param>
    /// <returns>0 where nothing was lost, doubled or differing and every process died as asked.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var visits = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20;
        var bound = TimeSpan.FromMinutes(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 25);
        var started = Stopwatch.GetTimestamp();
        var rows = Points.ToDictionary(point => point.Point, _ => new List<Visit>(), StringComparer.Ordinal);
        rows["random"] = [];
        await using var installation = await Installation.CreateAsync("soak");
        // Round by round, so that a run that is cut short has visited every point about equally often.
        for (var round = 0; round < visits; round++)
        {
            foreach (var (point, list) in rows)
            {
                if (Stopwatch.GetElapsedTime(started) > bound) break;
                var visit = await VisitAsync(installation, point, round, visits);
                list.Add(visit);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{point} {visit.What}: {visit.Took.TotalSeconds:0.0} s, died {visit.HasDied}, {visit.Verdict.All.Count} wrong"));
                foreach (var wrong in visit.Verdict.All) Console.WriteLine("  " + wrong);
            }
        }

        Print(rows);
        return rows.Values.All(list => list.Count == visits && list.All(visit => visit.HasDied && visit.Verdict.All.Count == 0)) ? 0 : 1;
    }

    private static Task<Visit> VisitAsync(Installation installation, string point, int round, int visits)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{point.Replace('_', '-')}-{round}");
        var last = Points.FirstOrDefault(known => known.Point == point).Last;
        return last == 0
            ? Visit.RandomAsync(installation, name, Accounts, seed: round, kills: 1)
            : Visit.ToPointAsync(installation, name, Accounts, string.Create(CultureInfo.InvariantCulture, $"{point}:{1 + (last - 1) * round / Math.Max(1, visits - 1)}"));
    }

    private static void Print(Dictionary<string, List<Visit>> rows)
    {
        Console.WriteLine();
        Console.WriteLine("| point | visits | died | lost | doubled | differing |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (point, visits) in rows)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {point} | {visits.Count} | {visits.Count(visit => visit.HasDied)} | {visits.Sum(visit => visit.Verdict.Lost.Count)} | {visits.Sum(visit => visit.Verdict.Doubled.Count)} | {visits.Sum(visit => visit.Verdict.Differing.Count)} |"));
        }
    }
}
