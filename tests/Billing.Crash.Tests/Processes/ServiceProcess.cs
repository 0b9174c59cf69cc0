using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;

namespace Billing.Crash.Tests.Processes;

/// <summary>The service as a process of its own, the way an operator runs it, that these tests may kill.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    /// <summary>The exit code of a process that SIGKILL ended.</summary>
    public const int Killed = 128 + 9;

    private const int LinesKept = 400;

    private static readonly string Assembly = typeof(ServiceProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(x => x.Key == "ServiceAssembly").Value!;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private ServiceProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    /// <summary>The newest lines that it wrote.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="arguments">Its command line.</param>
    /// <param name="settings">Its environment.</param>
    /// <param name="isReady">Whether it answers.</param>
    /// <exception cref="InvalidOperationException">It ended before it was ready, and not by a crash that was asked for.</exception>
    public static async Task<ServiceProcess> StartAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> settings, Func<Task<bool>> isReady)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetDirectoryName(Assembly)!,
        };
        foreach (var argument in arguments.Prepend(Assembly).Prepend("exec")) start.ArgumentList.Add(argument);
        foreach (var (name, value) in settings) start.Environment[name] = value;

        var service = new ServiceProcess(start);
        service._process.Start();
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        try
        {
            await Eventually.GetAsync("The service becomes ready", async () => service._process.HasExited || await isReady() ? service : null);
        }
        catch (TimeoutException late)
        {
            await service.DisposeAsync();
            throw new InvalidOperationException($"{late.Message}\n{service.Output}", late);
        }

        if (service._process is { HasExited: true, ExitCode: not Killed }) throw new InvalidOperationException($"The service ended at its start:\n{service.Output}");
        return service;
    }

    /// <summary>Ends when the process has ended, with its exit code.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>SIGKILL, from outside.</summary>
    public void Kill() => _process.Kill();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        _lines.Enqueue(line);
        while (_lines.Count > LinesKept) _lines.TryDequeue(out _);
    }
}
