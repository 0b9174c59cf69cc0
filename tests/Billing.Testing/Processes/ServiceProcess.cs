using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Billing.Testing.Processes;

/// <summary>The service as a process of its own, the way an operator runs it, that these tests may kill.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    /// <summary>The exit code of a process that SIGKILL ended.</summary>
    public const int Killed = 128 + 9;

    private const int LinesKept = 400;

    private const int Terminate = 15;
    private const int Continue = 18;

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

    /// <summary>Its number.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Whether it is stopped, by itself or from outside: alive, and doing nothing at all.</summary>
    public bool IsStopped => !_process.HasExited && File.ReadAllText($"/proc/{_process.Id}/stat") is var stat && stat[stat.LastIndexOf(')') + 2] == 'T';

    /// <summary>What it has used of the processors.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Where a project of the house is built, as the project file of a test project says it.</summary>
    /// <param name="tests">The test project.</param>
    /// <param name="name">The name of the metadata.</param>
    public static string BuiltAssembly(Assembly tests, string name) => tests.GetCustomAttributes<AssemblyMetadataAttribute>().Single(x => x.Key == name).Value!;

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="assembly">What is run.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="settings">Its environment.</param>
    /// <param name="isReady">Whether it answers.</param>
    /// <exception cref="InvalidOperationException">It ended before it was ready, and not by a crash that was asked for.</exception>
    public static async Task<ServiceProcess> StartAsync(string assembly, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> settings, Func<Task<bool>> isReady)
    {
        var service = Start(assembly, arguments, settings);
        try
        {
            await Eventually.GetAsync("The service becomes ready", async () => service.HasExited || await isReady() ? service : null);
        }
        catch (TimeoutException late)
        {
            await service.DisposeAsync();
            throw new InvalidOperationException($"{late.Message}\n{service.Output}", late);
        }

        if (service._process is { HasExited: true, ExitCode: not Killed }) throw new InvalidOperationException($"The service ended at its start:\n{service.Output}");
        return service;
    }

    /// <summary>Starts it and waits for nothing.</summary>
    /// <param name="assembly">What is run.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="settings">Its environment.</param>
    public static ServiceProcess Start(string assembly, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetDirectoryName(assembly)!,
        };
        foreach (var argument in arguments.Prepend(assembly).Prepend("exec")) start.ArgumentList.Add(argument);
        foreach (var (name, value) in settings) start.Environment[name] = value;

        var service = new ServiceProcess(start);
        service._process.Start();
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
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

    /// <summary>SIGTERM: the polite end.</summary>
    public void EndPolitely() => Signal(Terminate);

    /// <summary>SIGCONT: it goes on as if nothing had happened.</summary>
    public void GoOn() => Signal(Continue);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Signal(int signal)
    {
        if (SendSignal(_process.Id, signal) != 0) throw new InvalidOperationException($"Signal {signal} did not reach process {_process.Id}.");
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);

    private void Keep(string? line)
    {
        if (line is null) return;
        _lines.Enqueue(line);
        while (_lines.Count > LinesKept) _lines.TryDequeue(out _);
    }
}
