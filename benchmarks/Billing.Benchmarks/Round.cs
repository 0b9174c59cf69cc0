using System.Diagnostics;

namespace Billing.Benchmarks;

/// <summary>What one round measured.</summary>
/// <param name="PerSecond">Answers a second.</param>
/// <param name="P50">Median latency, microseconds.</param>
/// <param name="P99">The slowest hundredth begins here, microseconds.</param>
/// <param name="Answers">How many answers there were.</param>
/// <param name="ServerCpu">What one answer cost the server's process, microseconds of processor time.</param>
internal sealed record Measured(double PerSecond, double P50, double P99, int Answers, double ServerCpu = 0);

/// <summary>A round of load: so many connections ask as fast as they are answered, for so long.</summary>
internal static class Round
{
    /// <summary>Runs a round. Every answer has to be 200.</summary>
    public static async Task<Measured> RunAsync(int port, int connections, TimeSpan time, Func<int, ReadOnlyMemory<byte>> request)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var start = Stopwatch.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, connections).Select(worker => Task.Run(() => WorkAsync(port, deadline, n => request(n * connections + worker)))));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var latencies = all.SelectMany(part => part).ToArray();
        Array.Sort(latencies);
        return new Measured(latencies.Length / seconds, At(latencies, 0.50), At(latencies, 0.99), latencies.Length);
    }

    private static double At(long[] sorted, double share) => sorted[(int)(sorted.Length * share)] * 1_000_000.0 / Stopwatch.Frequency;

    private static async Task<List<long>> WorkAsync(int port, long deadline, Func<int, ReadOnlyMemory<byte>> request)
    {
        using var connection = new HttpConnection();
        await connection.ConnectAsync(port);
        var latencies = new List<long>(200_000);
        for (var n = 0; ; n++)
        {
            var before = Stopwatch.GetTimestamp();
            if (before >= deadline) return latencies;
            var status = await connection.SendAsync(request(n));
            if (status != 200) throw new InvalidOperationException($"Answered {status}: {connection.Text[..400]}");
            latencies.Add(Stopwatch.GetTimestamp() - before);
        }
    }
}
