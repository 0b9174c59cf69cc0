using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Npgsql;

namespace Billing.Benchmarks;

/// <summary>The service in a process of its own, in a folder of its own; it ends with this one.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private ServerProcess(Process process, string folder, int port, NpgsqlConnectionStringBuilder database) => (_process, _folder, Port, Database) = (process, folder, port, database);

    /// <summary>Where it answers on loopback.</summary>
    public int Port { get; }

    /// <summary>Its database.</summary>
    public NpgsqlConnectionStringBuilder Database { get; }

    /// <summary>The processor time that it has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The memory that it has, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="settings">Beyond what every server of a benchmark has, such as <c>--Billing:Role</c> and its value.</param>
    public static async Task<ServerProcess> StartAsync(params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("billing-benchmark-").FullName;
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["serve", folder, .. settings]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var port = int.Parse(await ReadAsync(process, "port "), CultureInfo.InvariantCulture);
        return new ServerProcess(process, folder, port, new NpgsqlConnectionStringBuilder(await ReadAsync(process, "database ")));
    }

    /// <summary>Calls it with the key of this run.</summary>
    public HttpClient Client()
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Server.Key);
        return client;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(40))) _process.Kill();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<string> ReadAsync(Process process, string what)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            if (line.StartsWith(what, StringComparison.Ordinal)) return line[what.Length..];
        throw new InvalidOperationException($"The server ended before it told its {what.Trim()}.");
    }
}
