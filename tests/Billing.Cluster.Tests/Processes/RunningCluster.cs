using System.Collections.Concurrent;
using Billing.Testing.Http;
using Billing.Testing.Processes;

// One cluster at a time: a machine that runs two of them measures neither.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Billing.Cluster.Tests.Processes;

/// <summary>Silos and an API, each a process of its own, on one database: what an operator starts on one machine.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    /// <summary>The key of every cluster of these tests.</summary>
    public const string AdminKey = "cluster-tests-key-of-at-least-32-characters";

    private const string ProbeTimeout = "Billing__Cluster__ProbeTimeout";

    private static readonly string Service = ServiceProcess.BuiltAssembly(typeof(RunningCluster).Assembly, "ServiceAssembly");
    private static readonly string Silo = ServiceProcess.BuiltAssembly(typeof(RunningCluster).Assembly, "SiloAssembly");
    private static readonly string OtherEngine = ServiceProcess.BuiltAssembly(typeof(RunningCluster).Assembly, "EmbeddedAssembly");

    private readonly string _folder = Directory.CreateTempSubdirectory("billing-cluster-").FullName;
    private readonly ConcurrentQueue<ClusterProcess> _all = new();
    private readonly Uri _address = ClusterProcess.FreeAddress();

    private RunningCluster(string database)
    {
        Database = database;
        Client = new BillingClient(_address, AdminKey);
    }

    /// <summary>The database of all.</summary>
    public string Database { get; }

    /// <summary>Calls the API, patiently.</summary>
    public BillingClient Client { get; }

    /// <summary>Where the API answers.</summary>
    public Uri Address => _address;

    /// <summary>The processes started, in order; the API's among them.</summary>
    public IEnumerable<ClusterProcess> All => _all;

    /// <summary>Further settings of every process, by environment variable.</summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal)
    {
        // What a dead silo has left is found after a second instead of half a minute.
        ["Billing__Sweeper__Every"] = "00:00:01",
        ["Billing__Sweeper__Lateness"] = "00:00:01",
        // A silo that a busy machine holds up for three seconds is not to be taken for dead, unless that is what is tested.
        [ProbeTimeout] = "00:00:05",
    };

    /// <summary>Failure detection as an operator has it.</summary>
    public void DetectFailuresSoon() => Settings.Remove(ProbeTimeout);

    /// <summary>What every process wrote, for the message of a failure.</summary>
    public string Output => string.Join('\n', _all.Select(process => $"--- process {process.Process.Id} at {process.Address}\n{process.Process.Output}"));

    /// <summary>Nothing is started yet.</summary>
    public static RunningCluster On(string database) => new(database);

    /// <summary>An API and so many silos.</summary>
    public async Task<IReadOnlyList<ClusterProcess>> StartAsync(int silos)
    {
        // The first one alone: it makes the tables, and has the machine to itself while it is compiled.
        var first = await StartSiloAsync();
        var api = StartApiAsync();
        var others = await Task.WhenAll(Enumerable.Range(1, silos - 1).Select(_ => StartSiloAsync()));
        await api;
        return [first, .. others];
    }

    /// <summary>The process that callers reach.</summary>
    /// <param name="elsewhere">One more, at an address of its own.</param>
    public Task<ClusterProcess> StartApiAsync(bool elsewhere = false) => StartAsync(Service, elsewhere ? ClusterProcess.FreeAddress() : _address, "api");

    /// <summary>One more silo.</summary>
    /// <param name="crashAt">Where it is to kill or stop itself, such as <c>before_gateway:1:stop</c>, or nowhere.</param>
    public Task<ClusterProcess> StartSiloAsync(string? crashAt = null) => StartAsync(Silo, ClusterProcess.FreeAddress(), role: null, crashAt);

    /// <summary>API and silo in one process.</summary>
    /// <param name="clusterId">Another id than the others' makes it a cluster of its own, which does not know of them.</param>
    /// <param name="elsewhere">At an address of its own, because another process has the usual one.</param>
    public Task<ClusterProcess> StartBothAsync(string? clusterId = null, bool elsewhere = false) =>
        StartAsync(Service, clusterId is not null || elsewhere ? ClusterProcess.FreeAddress() : _address, "all", crashAt: null, clusterId);

    /// <summary>The service on the other engine, on the same database.</summary>
    /// <param name="elsewhere">At an address of its own, because another process has the usual one.</param>
    public Task<ClusterProcess> StartEmbeddedAsync(bool elsewhere = false) => StartAsync(OtherEngine, elsewhere ? ClusterProcess.FreeAddress() : _address, role: null);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _all) await process.DisposeAsync();
        Client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<ClusterProcess> StartAsync(string assembly, Uri address, string? role, string? crashAt = null, string? clusterId = null)
    {
        var settings = new Dictionary<string, string>(Settings, StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ConnectionStrings__Billing"] = Database,
            ["Billing__DataFolder"] = _folder,
            ["Billing__AdminKey"] = AdminKey,
            ["Billing__SandboxWebhookSecret"] = AdminKey,
            ["Billing__SandboxWebhookUrl"] = new Uri(clusterId is null ? _address : address, "/v1/webhooks/sandbox").ToString(),
            ["Billing__Cluster__SiloPort"] = "0",
            ["Billing__Cluster__GatewayPort"] = "0",
            ["Logging__LogLevel__Default"] = "Warning",
            // A process that lives for seconds has no use for a profile of itself.
            ["DOTNET_TieredPGO"] = "0",
        };
        if (role is not null) settings["Billing__Role"] = role;
        if (crashAt is not null) settings["Billing__CrashAt"] = crashAt;
        if (clusterId is not null) settings["Billing__Cluster__ClusterId"] = clusterId;
        var process = await ClusterProcess.StartAsync(assembly, address, settings);
        _all.Enqueue(process);
        return process;
    }
}
