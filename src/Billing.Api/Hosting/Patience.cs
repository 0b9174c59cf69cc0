namespace Billing.Api.Hosting;

/// <summary>Callers wait outside the grains: they read the last grain of a chain until it says what they wait for.</summary>
/// <remarks>
/// Implementation note: what is waited for is durable already, so a read that is lost with a silo that leaves is made again
/// and is no failure of the call.
/// </remarks>
internal sealed class Patience(TimeProvider time)
{
    /// <summary>A read that takes longer was sent to somebody who will not answer.</summary>
    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(1);

    /// <summary>A first answer is worth this much, however short a caller's patience.</summary>
    private static readonly TimeSpan FirstAnswerWithin = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Reads at once and then after 5, 10, 20 … 200 ms, until <paramref name="isReached"/> or the time is over.</summary>
    /// <returns>What was read last, and whether it was reached.</returns>
    /// <exception cref="Exception">Not one read was answered; the last one's reason.</exception>
    public async Task<(T Last, bool IsReached)> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> isReached, TimeSpan most, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var pause = FirstPause;
        (T Value, bool IsThere) last = default;
        while (true)
        {
            try
            {
                last = (await read().WaitAsync(LongestRead, time, cancellationToken), true);
                if (isReached(last.Value)) return (last.Value, true);
            }
            catch (Exception lost) when (Edge.IsPassing(lost) && (last.IsThere || time.GetElapsedTime(start) < FirstAnswerWithin))
            {
            }

            var left = most - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero && last.IsThere) return (last.Value, false);
            await Task.Delay(left > TimeSpan.Zero && left < pause ? left : pause, time, cancellationToken);
            pause = pause + pause < LongestPause ? pause + pause : LongestPause;
        }
    }
}
