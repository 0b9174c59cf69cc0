using System.Collections;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Billing.Testing;

/// <summary>The one place where tests wait for what follows: by asking again, and never without an end.</summary>
public static class Eventually
{
    /// <summary>Longer than anything may take on a busy machine: it only makes a broken chain fail instead of hang.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(160);

    /// <summary>Reads, and again after 10, 20, 40 … 160 ms, until it is so.</summary>
    /// <param name="read">What is read.</param>
    /// <param name="until">Whether it is so.</param>
    /// <param name="what">What is awaited, for the exception.</param>
    /// <returns>The value that is so.</returns>
    /// <exception cref="TimeoutException">The time is over; it names the last value.</exception>
    [OverloadResolutionPriority(1)]
    public static async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> until, [CallerArgumentExpression(nameof(until))] string what = "")
    {
        var started = Stopwatch.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var value = await read();
            if (until(value)) return value;
            if (Stopwatch.GetElapsedTime(started) > Bound) throw new TimeoutException($"{what}: not within {Bound.TotalSeconds:0} s. The last was: {Show(value)}");
            await Task.Delay(pause);
        }
    }

    /// <summary>The same for what is at hand.</summary>
    public static Task<T> UntilAsync<T>(Func<T> read, Func<T, bool> until, [CallerArgumentExpression(nameof(until))] string what = "") =>
        UntilAsync(() => Task.FromResult(read()), until, what);

    /// <summary>Asks until there is an answer.</summary>
    /// <param name="what">What is awaited, for the exception.</param>
    /// <param name="ask">The answer, or <see langword="null"/> while there is none.</param>
    /// <exception cref="TimeoutException">The time is over.</exception>
    public static async Task<T> GetAsync<T>(string what, Func<Task<T?>> ask) where T : class => (await UntilAsync(ask, answer => answer is not null, what))!;

    private static string Show(object? value) => value switch
    {
        null => "nothing",
        string text => text,
        IEnumerable many => $"[{string.Join(", ", many.Cast<object?>().Select(Show))}]",
        _ => value.ToString()!,
    };
}
