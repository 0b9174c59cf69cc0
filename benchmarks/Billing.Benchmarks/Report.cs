using System.Globalization;

namespace Billing.Benchmarks;

/// <summary>Ratios of rounds that ran side by side, as medians with their spread.</summary>
internal static class Report
{
    /// <summary>The middle of the values.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>A Markdown table of what was measured and its ratios.</summary>
    public static string Table(IReadOnlyDictionary<string, List<Measured>> rounds, string subject)
    {
        var lines = new List<string> { "| endpoint | answers/s, median (lowest – highest) | p50 µs | p99 µs | server CPU µs | gate : endpoint, median (lowest – highest) |", "| --- | --- | --- | --- | --- | --- |" };
        foreach (var (name, measured) in rounds)
        {
            var ratios = rounds[subject].Zip(measured, (ours, theirs) => ours.PerSecond / theirs.PerSecond).ToArray();
            var ratio = string.Equals(name, subject, StringComparison.Ordinal) ? "" : $"{Number(Median(ratios))} ({Number(ratios.Min())} – {Number(ratios.Max())})";
            lines.Add(
                $"| {name} | {Whole(Median(measured.Select(m => m.PerSecond)))} ({Whole(measured.Min(m => m.PerSecond))} – {Whole(measured.Max(m => m.PerSecond))}) " +
                $"| {Whole(Median(measured.Select(m => m.P50)))} | {Whole(Median(measured.Select(m => m.P99)))} | {Number(Median(measured.Select(m => m.ServerCpu)))} | {ratio} |");
        }

        return string.Join('\n', lines);
    }

    private static string Number(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    private static string Whole(double value) => value.ToString("F0", CultureInfo.InvariantCulture);
}
