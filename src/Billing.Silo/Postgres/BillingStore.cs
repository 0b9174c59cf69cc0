using System.Data.Common;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Billing.Silo.Postgres;

/// <summary>
/// The database of this process: the server of <c>ConnectionStrings:Billing</c>, or a private cluster, or none. Opened
/// before the host is built, migrated, and disposed of after the host has stopped.
/// </summary>
public sealed class BillingStore : IAsyncDisposable
{
    /// <summary>
    /// The most connections of the pool, where the connection string does not say. With the sandbox's own they stay below
    /// the 100 that PostgreSQL has by default: more only queue up behind the disk, and a refused one fails a write.
    /// </summary>
    public const int MaxConnections = 60;

    private readonly PrivateCluster? _cluster;

    private BillingStore(NpgsqlDataSource? dataSource, string? connectionString, string? explanation, PrivateCluster? cluster) =>
        (DataSource, ConnectionString, Explanation, _cluster) = (dataSource, connectionString, explanation, cluster);

    /// <summary>The one pool of the process; <see langword="null"/> where no server was found.</summary>
    public NpgsqlDataSource? DataSource { get; }

    /// <summary>What the pool connects with; <see langword="null"/> where no server was found.</summary>
    public string? ConnectionString { get; }

    /// <summary>Why there is no server and what to do; <see langword="null"/> where there is one.</summary>
    public string? Explanation { get; }

    /// <summary>
    /// Reads the options from the configuration: <c>ConnectionStrings:Billing</c>, <c>Billing:DataFolder</c>, <c>Billing:ServiceId</c>,
    /// <c>Billing:BinaryFolders</c>.
    /// </summary>
    public static PostgresOptions ReadOptions(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = new PostgresOptions { ConnectionString = configuration.GetConnectionString("Billing") };
        if (configuration["Billing:DataFolder"] is { Length: > 0 } folder)
            options.DataFolder = folder;
        if (configuration["Billing:ServiceId"] is { Length: > 0 } serviceId)
            options.ServiceId = serviceId;
        if (configuration.GetSection("Billing:BinaryFolders").Get<string[]>() is { Length: > 0 } folders)
            options.BinaryFolders = folders;
        return options;
    }

    /// <summary>Finds the server and migrates the database; with no server to be found it says so and does not throw.</summary>
    /// <exception cref="NpgsqlException">The server of the connection string does not answer.</exception>
    /// <exception cref="InvalidOperationException">The private cluster does not start.</exception>
    /// <exception cref="MigrationException">An applied migration has changed.</exception>
    public static async Task<BillingStore> OpenAsync(PostgresOptions options, TimeProvider timeProvider, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var cluster = (PrivateCluster?)null;
        var given = options.ConnectionString;
        if (string.IsNullOrWhiteSpace(given))
        {
            if (PostgresBinaries.Find(options.BinaryFolders) is not { } binaries)
                return new BillingStore(null, null, PostgresBinaries.Missing(), null);
            cluster = await PrivateCluster.StartAsync(binaries, options.DataFolder, timeProvider, cancellationToken);
            given = cluster.ConnectionString;
        }

        var connectionString = Read(given);
        var store = new BillingStore(NpgsqlDataSource.Create(connectionString), connectionString, null, cluster);
        try
        {
            if (options.Migrates) await Migrations.ApplyAsync(store.DataSource!, cancellationToken: cancellationToken);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Adds what every connection of the house has, where the string does not say otherwise: prepared statements, no reset
    /// between uses (without either a write takes 1.4 to 1.9 times as long), 5 s for a statement, and a bounded pool.
    /// </summary>
    public static string Tune(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        // Npgsql's builder says of every keyword it knows that it is there; the plain one knows only what was written.
        var given = new DbConnectionStringBuilder { ConnectionString = settings.ConnectionString };
        if (!given.ContainsKey("Max Auto Prepare"))
            settings.MaxAutoPrepare = 20;
        if (!given.ContainsKey("No Reset On Close"))
            settings.NoResetOnClose = true;
        if (!given.ContainsKey("Command Timeout"))
            settings.CommandTimeout = 5;
        if (!given.ContainsKey("Maximum Pool Size"))
            settings.MaxPoolSize = MaxConnections;
        return settings.ConnectionString;
    }

    /// <summary>What is wrong with a string is not repeated: it may be a piece of the password.</summary>
    private static string Read(string given)
    {
        try
        {
            return Tune(given);
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new StartRefusedException("ConnectionStrings:Billing cannot be read; it has the form 'Host=…;Database=…;Username=…;Password=…', and is no address such as postgres://….", unreadable);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (DataSource is not null)
            await DataSource.DisposeAsync();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }
}
