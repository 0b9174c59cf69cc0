using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Billing.Benchmarks;
using Billing.Benchmarks.Webhooks;
using Npgsql;

// The gate over HTTP on warm accounts, side by side with two other endpoints of the same process; or, with "webhooks" as the
// first word, a webhook's way to an open gate beside pgbench. See benchmarks/README.md.
if (args is ["serve", var folder])
{
    await Server.ServeAsync(folder);
    return;
}

var accounts = Read("accounts", 10_000);
var rounds = Read("rounds", 9);
var seconds = Read("seconds", 3);
var connections = Read("connections", 32);

var dataFolder = Directory.CreateTempSubdirectory("billing-benchmark-").FullName;
using var server = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["serve", dataFolder]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
try
{
    var port = int.Parse((await server.StandardOutput.ReadLineAsync())!["port ".Length..], CultureInfo.InvariantCulture);
    var database = new NpgsqlConnectionStringBuilder((await server.StandardOutput.ReadLineAsync())!["database ".Length..]);
    if (args is ["webhooks", ..])
    {
        await Recognition.RunAsync(port, database, Read("rounds", 5), Read("seconds", 5), connections);
        return;
    }

    await PrepareAsync(port);
    var endpoints = new Dictionary<string, Func<int, ReadOnlyMemory<byte>>>
    {
        ["gate"] = Requests(n => $"/v1/accounts/account-{n % accounts}/gate?operation=purchase"),
        ["constant JSON"] = Requests(n => $"/benchmark/constant/account-{n % accounts}"),
        ["one SELECT"] = Requests(n => $"/benchmark/select/account-{n % accounts}"),
    };
    var measured = endpoints.Keys.ToDictionary(name => name, _ => new List<Measured>());
    for (var round = -1; round < rounds; round++)
    {
        foreach (var (name, request) in endpoints)
        {
            server.Refresh();
            var before = server.TotalProcessorTime;
            var result = await Round.RunAsync(port, connections, TimeSpan.FromSeconds(seconds), request);
            server.Refresh();
            if (round >= 0) measured[name].Add(result with { ServerCpu = (server.TotalProcessorTime - before).TotalMicroseconds / result.Answers });
        }
    }

    Console.WriteLine($"{accounts} warm accounts, {connections} connections, {rounds} rounds of {seconds} s each, one round to warm up\n");
    Console.WriteLine(Report.Table(measured, "gate"));
}
finally
{
    server.StandardInput.Close();
    if (!server.WaitForExit(TimeSpan.FromSeconds(20))) server.Kill();
    Directory.Delete(dataFolder, recursive: true);
}

return;

int Read(string name, int otherwise)
{
    var at = Array.IndexOf(args, "--" + name);
    return at < 0 ? otherwise : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
}

async Task PrepareAsync(int port)
{
    using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Server.Key);
    await Parallel.ForEachAsync(Enumerable.Range(0, accounts), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (n, cancellationToken) =>
    {
        var body = new { name = $"Account {n}", emails = new[] { "owner@example.com" }, currency = "USD", policy = "cloudflare", test = true };
        using var made = await client.PutAsJsonAsync($"/v1/accounts/account-{n}", body, cancellationToken);
        made.EnsureSuccessStatusCode();
        using var warm = await client.GetAsync($"/v1/accounts/account-{n}/gate?operation=purchase", cancellationToken);
        warm.EnsureSuccessStatusCode();
    });
}

Func<int, ReadOnlyMemory<byte>> Requests(Func<int, string> path)
{
    var prepared = Enumerable.Range(0, accounts)
        .Select(n => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes($"GET {path(n)} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {Server.Key}\r\n\r\n")).ToArray();
    return n => prepared[(int)((uint)(n * 7919) % (uint)accounts)];
}
