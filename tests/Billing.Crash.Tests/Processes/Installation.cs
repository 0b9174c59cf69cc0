using System.Net;
using System.Net.Sockets;
using Billing.Testing;
using Billing.Testing.Http;
using Billing.Testing.Processes;
using Npgsql;

namespace Billing.Crash.Tests.Processes;

/// <summary>One database, one address, one data folder, and the process that is started on them again and again.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private const string AdminKey = "crash-tests-key-of-at-least-32-characters";

    private static readonly string Service = ServiceProcess.BuiltAssembly(typeof(Installation).Assembly, "ServiceAssembly");

    private readonly Uri _address = new($"http://127.0.0.1:{FreePort()}");
    private readonly string _folder = Directory.CreateTempSubdirectory("billing-crash-").FullName;
    private readonly HttpClient _probe = new() { Timeout = TimeSpan.FromSeconds(5) };
    private ServiceProcess? _service;

    private readonly IReadOnlyDictionary<string, string> _more;

    private Installation(string database, IReadOnlyDictionary<string, string> more)
    {
        (Database, _more) = (database, more);
        Client = new BillingClient(_address, AdminKey);
    }

    /// <summary>Its database.</summary>
    public string Database { get; }

    /// <summary>Calls it.</summary>
    public BillingClient Client { get; }

    /// <summary>What the process wrote, for the message of a failure.</summary>
    public string Output => _service?.Output ?? "";

    /// <summary>Where it listens.</summary>
    public Uri Address => _address;

    /// <summary>An installation on an empty database of this name.</summary>
    /// <param name="database">The database.</param>
    /// <param name="more">Settings of its environment beyond the usual ones.</param>
    public static async Task<Installation> CreateAsync(string database, IReadOnlyDictionary<string, string>? more = null) =>
        new(await PostgresCluster.CreateEmptyDatabaseAsync(database), more ?? new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>Starts the service.</summary>
    /// <param name="crashAt">Where it is to kill itself, such as <c>after_write:17</c>, or nowhere.</param>
    public async Task StartAsync(string? crashAt = null)
    {
        if (_service is not null) await _service.DisposeAsync();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ConnectionStrings__Billing"] = Database,
            ["Billing__DataFolder"] = _folder,
            ["Billing__AdminKey"] = AdminKey,
            // What a crash has left is found after a second instead of half a minute.
            ["Billing__Sweeper__Every"] = "00:00:01",
            ["Billing__Sweeper__Lateness"] = "00:00:01",
            ["Logging__LogLevel__Default"] = "Warning",
            // A process that lives for seconds has no use for a profile of itself.
            ["DOTNET_TieredPGO"] = "0",
        };
        foreach (var (name, value) in _more) settings[name] = value;
        if (crashAt is not null) settings["Billing__CrashAt"] = crashAt;
        _service = await ServiceProcess.StartAsync(Service, ["--urls", _address.ToString()], settings, IsReadyAsync);
    }

    /// <summary>Ends when the process has ended, with its exit code.</summary>
    public Task<int> ExitAsync() => _service!.ExitAsync();

    /// <summary>SIGKILL, from outside.</summary>
    public void Kill() => _service!.Kill();

    /// <summary>Grains of a key prefix that have anything on its way out.</summary>
    public Task<IReadOnlyList<string>> PendingAsync() => KeysAsync("pending_since IS NOT NULL");

    /// <summary>Gateways' events that match nothing yet.</summary>
    public Task<IReadOnlyList<string>> UnmatchedAsync() => KeysAsync("kind = 'inbox' AND summary ->> 'waits_for' IS NOT NULL");

    private async Task<IReadOnlyList<string>> KeysAsync(string condition)
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"SELECT key FROM grain_index WHERE {condition} ORDER BY key", connection);
        await using var rows = await command.ExecuteReaderAsync();
        List<string> keys = [];
        while (await rows.ReadAsync()) keys.Add(rows.GetString(0));
        return keys;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_service is not null) await _service.DisposeAsync();
        Client.Dispose();
        _probe.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _probe.GetAsync(new Uri(_address, "/readyz"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
