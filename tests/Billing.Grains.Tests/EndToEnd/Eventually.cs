namespace Billing.Grains.Tests.EndToEnd;

/// <summary>Reads until it is so, as a caller does who waits for what follows from a command.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>The bound only makes a broken chain fail instead of hang.</summary>
    public static async Task<T> Read<T>(Func<Task<T>> read, Func<T, bool> until)
    {
        using var bound = new CancellationTokenSource(s_bound);
        using var timer = new PeriodicTimer(s_pause);
        while (true)
        {
            var value = await read();
            if (until(value)) return value;
            try
            {
                await timer.WaitForNextTickAsync(bound.Token);
            }
            catch (OperationCanceledException late)
            {
                throw new TimeoutException($"Still: {value}", late);
            }
        }
    }
}
