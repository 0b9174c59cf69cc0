namespace Billing.Api.Hosting;

/// <summary>Callers wait outside the grains: they read the last grain of a chain until it says what they wait for.</summary>
internal sealed class Patience(TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Reads at once and then after 5, 10, 20 … 200 ms, until <paramref name="isReached"/> or the time is over.</summary>
    /// <returns>What was read last, and whether it was reached.</returns>
    public async Task<(T Last, bool IsReached)> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> isReached, TimeSpan most, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            var last = await read();
            if (isReached(last)) return (last, true);
            var left = most - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) return (last, false);
            await Task.Delay(left < pause ? left : pause, time, cancellationToken);
            pause = pause + pause < LongestPause ? pause + pause : LongestPause;
        }
    }
}
