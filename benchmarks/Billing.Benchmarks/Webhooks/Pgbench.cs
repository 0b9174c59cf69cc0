using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Billing.Benchmarks.Webhooks;

/// <summary>PostgreSQL's own benchmark, in a database of its own on the service's server.</summary>
internal sealed class Pgbench
{
    private const string Database = "pgbench";
    private const int Scale = 20;

    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly string _load;

    private Pgbench(NpgsqlConnectionStringBuilder server, int connections, int seconds)
    {
        _server = server;
        _load = string.Create(CultureInfo.InvariantCulture, $"-n -N -c {connections} -j 2 -T {seconds} {Database}");
    }

    /// <summary>Makes the database and fills it.</summary>
    public static async Task<Pgbench> CreateAsync(NpgsqlConnectionStringBuilder server, int connections, int seconds)
    {
        await using (var connection = new NpgsqlConnection(server.ConnectionString))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand($"create database {Database}", connection);
            await command.ExecuteNonQueryAsync();
        }

        var pgbench = new Pgbench(server, connections, seconds);
        await pgbench.StartAsync(string.Create(CultureInfo.InvariantCulture, $"-q -i -s {Scale} {Database}"));
        return pgbench;
    }

    /// <summary>The transactions a second of one run of the simple updates (<c>-N</c>), without the time to connect.</summary>
    public async Task<double> RunAsync()
    {
        var output = await StartAsync(_load);
        var line = output.Split('\n').Single(line => line.StartsWith("tps = ", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture);
    }

    private async Task<string> StartAsync(string arguments)
    {
        var start = new ProcessStartInfo("pgbench", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["PGHOST"] = _server.Host;
        start.Environment["PGPORT"] = _server.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["PGUSER"] = _server.Username;
        start.Environment["PGPASSWORD"] = _server.Password;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"pgbench {arguments} ended with {process.ExitCode}: {await errors}");
    }
}
