using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Billing.Testing.Processes;

namespace Billing.Cluster.Tests.Processes;

/// <summary>One process of a cluster: what it runs, where it answers, and all that may be done to it.</summary>
internal sealed class ClusterProcess : IAsyncDisposable
{
    private readonly ServiceProcess _process;
    private readonly HttpClient _probe;

    private ClusterProcess(ServiceProcess process, Uri address, HttpClient probe) => (_process, Address, _probe) = (process, address, probe);

    /// <summary>Where it answers HTTP; a silo answers about its health alone.</summary>
    public Uri Address { get; }

    /// <summary>Signals, memory, output.</summary>
    public ServiceProcess Process => _process;

    /// <summary>How long it took from its start until it was ready.</summary>
    public TimeSpan ReadyAfter { get; private init; }

    /// <summary>Starts it on a free port and waits until it is ready.</summary>
    public static async Task<ClusterProcess> StartAsync(string assembly, Uri address, IReadOnlyDictionary<string, string> settings)
    {
        var probe = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(5) };
        var started = Stopwatch.GetTimestamp();
        try
        {
            var process = await ServiceProcess.StartAsync(assembly, ["--urls", address.ToString()], settings, () => IsReadyAsync(probe));
            return new ClusterProcess(process, address, probe) { ReadyAfter = Stopwatch.GetElapsedTime(started) };
        }
        catch
        {
            probe.Dispose();
            throw;
        }
    }

    /// <summary>Whether it says that it is ready.</summary>
    public Task<bool> IsReadyAsync() => IsReadyAsync(_probe);

    /// <summary>SIGTERM, and its exit code.</summary>
    public Task<int> EndAsync()
    {
        _process.EndPolitely();
        return _process.ExitAsync();
    }

    /// <summary>SIGKILL, and its exit code.</summary>
    public Task<int> KillAsync()
    {
        _process.Kill();
        return _process.ExitAsync();
    }

    /// <summary>A port that is free now.</summary>
    public static Uri FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _probe.Dispose();
        await _process.DisposeAsync();
    }

    private static async Task<bool> IsReadyAsync(HttpClient probe)
    {
        try
        {
            using var answer = await probe.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
