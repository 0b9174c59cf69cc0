using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Billing.Silo.Postgres;

/// <summary>
/// A PostgreSQL server of our own in the data folder, for whoever has the programs and set no connection string. It is
/// made at the first start, stops with the process, and is found again: a server left behind by a killed process is used,
/// a dead or dumb one replaced.
/// </summary>
/// <remarks>
/// Implementation note: who holds the lock file stops the server at its end; the system takes the lock back from a killed
/// process. A second process on the same folder uses the server and leaves it running.
/// </remarks>
public sealed class PrivateCluster : IAsyncDisposable
{
    private const string UserName = "billing";
    private const int Port = 5432;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly PostgresBinaries _binaries;
    private readonly ServerUser _user;
    private readonly ClusterFolder _folder;
    private readonly TimeProvider _timeProvider;
    private readonly EventHandler _onExit;
    private FileStream? _ownership;

    private enum Answer
    {
        None,
        NotYet,
        Ready,
    }

    private PrivateCluster(PostgresBinaries binaries, ServerUser user, ClusterFolder folder, TimeProvider timeProvider)
    {
        (_binaries, _user, _folder, _timeProvider) = (binaries, user, folder, timeProvider);
        _onExit = (_, _) => StopNow();
    }

    /// <summary>The database <c>billing</c> of this server, as its only user, who may do everything there.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>Whether this process stops the server at its end.</summary>
    public bool IsOwner => _ownership is not null;

    /// <summary>Whether the server ran already and was taken over.</summary>
    public bool IsAdopted { get; private set; }

    /// <summary>The process id of the server; <see langword="null"/> where none runs.</summary>
    public int? ServerProcessId => PostmasterId();

    /// <summary>Makes, finds or starts the server of a data folder.</summary>
    /// <param name="binaries">Its programs.</param>
    /// <param name="dataFolder">Is made where it does not exist.</param>
    /// <param name="timeProvider">Real time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The server does not start; the message has the end of its log.</exception>
    public static async Task<PrivateCluster> StartAsync(
        PostgresBinaries binaries, string dataFolder, TimeProvider timeProvider, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(binaries);
        ArgumentNullException.ThrowIfNull(timeProvider);
        var user = ServerUser.Current();
        var folder = await ClusterFolder.OpenAsync(dataFolder, user, cancellationToken);
        var cluster = new PrivateCluster(binaries, user, folder, timeProvider);
        try
        {
            await cluster.OpenAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the server if this process owns it: at once for its sessions, cleanly for its data.</summary>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= _onExit;
        if (_ownership is null)
            return;
        if (PostmasterId() is not null)
            await _user.RunAsync(_binaries.PgCtl, StopArguments("fast"), CancellationToken.None);
        await _ownership.DisposeAsync();
        _ownership = null;
    }

    /// <summary>Leaves the server running and unowned, as a killed process does.</summary>
    public void Abandon()
    {
        AppDomain.CurrentDomain.ProcessExit -= _onExit;
        _ownership?.Dispose();
        _ownership = null;
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var started = _timeProvider.GetTimestamp();
        var lastError = "the process that owns it does not start it";
        do
        {
            TryOwn();
            if (IsOwner && !Directory.Exists(_folder.Data))
                await MakeAsync(cancellationToken);
            var answer = await ConnectAsync(cancellationToken);
            if (answer == Answer.None && IsOwner && !IsComingUp())
            {
                lastError = await TryStartAsync(cancellationToken);
                answer = await ConnectAsync(cancellationToken);
            }
            else if (answer == Answer.Ready)
            {
                IsAdopted = true;
            }
            if (answer == Answer.Ready)
                return;
            await Task.Delay(Pause, _timeProvider, cancellationToken);
        }
        while (_timeProvider.GetElapsedTime(started) < Patience);
        throw new StartRefusedException($"The private PostgreSQL server in {_folder.Root} did not start: {lastError}");
    }

    // The handler of the end is for whoever never disposes: an exit, a SIGTERM, an unhandled exception.
    private void TryOwn()
    {
        if (_ownership is not null)
            return;
        try
        {
            _ownership = new FileStream(_folder.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            AppDomain.CurrentDomain.ProcessExit += _onExit;
        }
        catch (IOException)
        {
            // Another process owns it, starting or running.
        }
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        if (Directory.Exists(_folder.DataInTheMaking))
            Directory.Delete(_folder.DataInTheMaking, recursive: true);
        ClusterFolder.WritePrivate(_folder.PasswordFile, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        await _user.OwnAsync(_folder.PasswordFile, cancellationToken);
        var (exitCode, output) = await _user.RunAsync(
            _binaries.InitDb,
            ["-D", _folder.DataInTheMaking, "-U", UserName, "--pwfile", _folder.PasswordFile, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"],
            cancellationToken);
        if (exitCode != 0)
            throw new StartRefusedException($"initdb could not make a cluster in {_folder.Root}: {output}");
        await File.AppendAllTextAsync(Path.Combine(_folder.DataInTheMaking, "postgresql.conf"), "\ninclude 'billing.conf'\n", cancellationToken);
        Directory.Move(_folder.DataInTheMaking, _folder.Data);
    }

    private async Task<string> TryStartAsync(CancellationToken cancellationToken)
    {
        if (PostmasterId() is not null)
        {
            // It has the folder and does not answer. Its sessions die with it; the log brings back what was committed.
            await _user.RunAsync(_binaries.PgCtl, StopArguments("immediate"), cancellationToken);
        }
        else if (PostmasterFile.IsNumberTaken(Postmaster()))
        {
            // The server is gone and its number is another's: PostgreSQL would take that one for it. Where the number is
            // free PostgreSQL finds out by itself.
            File.Delete(_folder.PostmasterFile);
        }
        await WriteSettingsAsync(cancellationToken);
        var (exitCode, output) = await _user.RunAsync(
            _binaries.PgCtl, ["start", "-D", _folder.Data, "-l", _folder.LogFile, "-w", "-t", "60", "-s"], cancellationToken);
        return exitCode == 0 ? "it started and does not answer" : $"{output} {LogEnd()}";
    }

    private async Task WriteSettingsAsync(CancellationToken cancellationToken)
    {
        var socket = OperatingSystem.IsWindows()
            ? $"listen_addresses = '127.0.0.1'\nport = {FreePort()}"
            : $"listen_addresses = ''\nport = {Port}\nunix_socket_directories = '{_folder.Socket.Replace("'", "''", StringComparison.Ordinal)}'";
        // fsync and synchronous_commit stay as they are, which is on.
        await File.WriteAllTextAsync(
            _folder.SettingsFile,
            $"""
            # Written by the service at each start.
            {socket}
            unix_socket_permissions = 0700
            max_connections = 300
            shared_buffers = 128MB
            max_wal_size = 1GB
            checkpoint_timeout = 15min
            random_page_cost = 1.1
            jit = off
            autovacuum_naptime = 15s
            idle_in_transaction_session_timeout = 60s
            """,
            cancellationToken);
        await _user.OwnAsync(_folder.SettingsFile, cancellationToken);
    }

    private async Task<Answer> ConnectAsync(CancellationToken cancellationToken)
    {
        if (Postmaster() is not { } lines || !File.Exists(_folder.PasswordFile))
            return Answer.None;
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = OperatingSystem.IsWindows() ? IPAddress.Loopback.ToString() : _folder.Socket,
            Port = int.Parse(lines[3], CultureInfo.InvariantCulture),
            Username = UserName,
            Password = await File.ReadAllTextAsync(_folder.PasswordFile, cancellationToken),
            Database = "postgres",
            Pooling = false,
            Timeout = 5,
        };
        try
        {
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            await MakeDatabaseAsync(connection, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            throw new StartRefusedException($"{_folder.PasswordFile} is not the password of the server in {_folder.Root}.", e);
        }
        catch (PostgresException)
        {
            return Answer.NotYet; // It starts, recovers, ends, or has no connection left.
        }
        catch (NpgsqlException)
        {
            return Answer.None;
        }
        (settings.Database, settings.Pooling) = ("billing", true);
        ConnectionString = settings.ConnectionString;
        return Answer.Ready;
    }

    private static async Task MakeDatabaseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'billing')", connection);
        if (await ask.ExecuteScalarAsync(cancellationToken) is true)
            return;
        try
        {
            await using var make = new NpgsqlCommand("CREATE DATABASE billing", connection) { CommandTimeout = 60 };
            await make.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another process that uses this server was first.
        }
    }

    private string[]? Postmaster() => PostmasterFile.Read(_folder.PostmasterFile);

    private int? PostmasterId() => PostmasterFile.LivingId(Postmaster());

    private bool IsComingUp() => PostmasterId() is not null && PostmasterFile.IsOnItsWay(Postmaster());

    private void StopNow()
    {
        if (PostmasterId() is not null)
            _user.Run(_binaries.PgCtl, StopArguments("fast"));
    }

    private string[] StopArguments(string mode) => ["stop", "-D", _folder.Data, "-m", mode, "-w", "-t", "30", "-s"];

    private string LogEnd()
    {
        if (!File.Exists(_folder.LogFile))
            return "";
        var lines = File.ReadLines(_folder.LogFile, Encoding.UTF8).TakeLast(5);
        return string.Join(' ', lines);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
