using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Billing.Grains.Interfaces;

namespace Billing.Silo;

/// <summary>
/// Kills this process with SIGKILL at the n-th passing of a place, or stops it there with SIGSTOP, so that a test can let it
/// go on when others have taken over; without a setting, nothing.
/// </summary>
public sealed class CrashPoints : ICrashPoints
{
    private const int StopSignal = 19;

    private readonly CrashPoint? _at;
    private readonly bool _stops;
    private long _left;

    /// <summary>Reads a setting such as <c>after_write:17</c>, or <c>before_gateway:1:stop</c>.</summary>
    /// <exception cref="StartRefusedException">It names no place, or no positive number; or this system knows no stopping.</exception>
    public CrashPoints(string? setting)
    {
        if (string.IsNullOrEmpty(setting)) return;
        var parts = setting.Split(':');
        _stops = parts is [_, _, "stop"];
        if (parts.Length != (_stops ? 3 : 2) || !Enum.TryParse<CrashPoint>(parts[0].Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var point)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1)
        {
            throw new StartRefusedException($"Billing:CrashAt is '{setting}', not a place and a number such as 'after_write:17' or 'before_gateway:1:stop'.");
        }

        if (_stops && !OperatingSystem.IsLinux()) throw new StartRefusedException("Billing:CrashAt can stop a process on Linux alone.");
        _at = point;
        _left = count;
    }

    /// <inheritdoc />
    public void Pass(CrashPoint point)
    {
        if (point != _at || Interlocked.Decrement(ref _left) != 0) return;
        if (_stops)
        {
            // All threads at once; the call comes back when somebody lets the process go on.
            Signal(Environment.ProcessId, StopSignal);
            return;
        }

        Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
