using System.Diagnostics;

namespace Billing.Testing.Processes;

/// <summary>The one place where these tests wait: for another process, by asking again, and never without an end.</summary>
public static class Eventually
{
    /// <summary>Longer than any recovery may take on a busy machine.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(160);

    /// <summary>Asks after 10, 20, 40 … 160 ms until there is an answer.</summary>
    /// <param name="what">What is awaited, for the exception.</param>
    /// <param name="ask">The answer, or <see langword="null"/> while there is none.</param>
    /// <exception cref="TimeoutException">The time is over.</exception>
    public static async Task<T> GetAsync<T>(string what, Func<Task<T?>> ask) where T : class
    {
        var started = Stopwatch.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (await ask() is { } answer) return answer;
            if (Stopwatch.GetElapsedTime(started) > Bound) throw new TimeoutException($"{what}: not within {Bound.TotalSeconds:0} s.");
            await Task.Delay(pause);
        }
    }
}
