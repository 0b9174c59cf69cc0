using System.Diagnostics;
using System.Globalization;
using Billing.Grains.Interfaces;

namespace Billing.Silo;

/// <summary>Kills this process with SIGKILL at the n-th passing of a place; without a setting, nothing.</summary>
public sealed class CrashPoints : ICrashPoints
{
    private readonly CrashPoint? _at;
    private long _left;

    /// <summary>Reads a setting such as <c>after_write:17</c>.</summary>
    /// <exception cref="StartRefusedException">It names no place, or no positive number.</exception>
    public CrashPoints(string? setting)
    {
        if (string.IsNullOrEmpty(setting)) return;
        var parts = setting.Split(':');
        if (parts.Length != 2 || !Enum.TryParse<CrashPoint>(parts[0].Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var point)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1)
        {
            throw new StartRefusedException($"Billing:CrashAt is '{setting}', not a place and a number such as 'after_write:17'.");
        }

        _at = point;
        _left = count;
    }

    /// <inheritdoc />
    public void Pass(CrashPoint point)
    {
        if (point != _at || Interlocked.Decrement(ref _left) != 0) return;
        Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
