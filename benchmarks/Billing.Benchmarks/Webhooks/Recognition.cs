using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Billing.Sandbox;
using Npgsql;

namespace Billing.Benchmarks.Webhooks;

/// <summary>
/// How long it takes from a webhook's arrival to an open gate, and how many of these the service does in a second, next to
/// <c>pgbench -N</c> on the same PostgreSQL server in the same run.
/// </summary>
internal sealed class Recognition(int port, NpgsqlConnectionStringBuilder database, int connections, TimeSpan time)
{
    /// <summary>The source's secret.</summary>
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static readonly TimeSpan PauseBetweenLooks = TimeSpan.FromMilliseconds(1);
    private static readonly byte[] Allowed = "\"allowed\":true"u8.ToArray();

    private int _made;
    private int _paid;

    /// <summary>Runs the rounds and prints the table.</summary>
    public static async Task RunAsync(int port, NpgsqlConnectionStringBuilder database, int rounds, int seconds, int connections)
    {
        var run = new Recognition(port, database, connections, TimeSpan.FromSeconds(seconds));
        var pgbench = await Pgbench.CreateAsync(database, connections, seconds);
        var (full, half, transactions, writes) = (new List<Measured>(), new List<Measured>(), new List<double>(), new List<double>());
        await run.PrepareAsync(100 * connections);
        await run.RoundAsync(perSecond: null);
        var fastest = (await run.RoundAsync(perSecond: null)).PerSecond;
        for (var round = 0; round < rounds; round++)
        {
            // A round pays what it can, and half of that again; it may be faster than any before it.
            await run.PrepareAsync((int)Math.Max(2.5 * fastest * seconds, 50 * connections));
            var before = await run.WritesAsync();
            var measured = await run.RoundAsync(perSecond: null);
            // Acknowledgements are stored within a second of the last write.
            await run.QuietAsync();
            writes.Add((await run.WritesAsync() - before) / (double)measured.Answers);
            full.Add(measured);
            fastest = Math.Max(fastest, measured.PerSecond);
            transactions.Add(await pgbench.RunAsync());
            half.Add(await run.RoundAsync(perSecond: measured.PerSecond / 2));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round}: {measured.PerSecond:0} payments/s, pgbench {transactions[^1]:0} tps, half load p99 {half[^1].P99 / 1000:0.0} ms, {writes[^1]:0.00} writes a payment"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{connections} connections, {rounds} rounds of {seconds} s each, two to warm up\n"));
        Console.WriteLine("| what | a second, median (lowest – highest) | p50 ms | p99 ms, median (lowest – highest) |");
        Console.WriteLine("| --- | --- | --- | --- |");
        Console.WriteLine(Row("webhook in → gate open", full));
        Console.WriteLine(Row("the same at half that load", half));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| `pgbench -N` | {Report.Median(transactions):0} ({transactions.Min():0} – {transactions.Max():0}) | | |"));
        var ratios = full.Zip(transactions, (ours, theirs) => ours.PerSecond / theirs).ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\npayments : transactions {Report.Median(ratios):0.000} ({ratios.Min():0.000} – {ratios.Max():0.000}); durable writes a payment {Report.Median(writes):0.00} ({writes.Min():0.00} – {writes.Max():0.00})"));
    }

    private static string Row(string name, List<Measured> rounds) => string.Create(CultureInfo.InvariantCulture,
        $"| {name} | {Report.Median(rounds.Select(m => m.PerSecond)):0} ({rounds.Min(m => m.PerSecond):0} – {rounds.Max(m => m.PerSecond):0}) | {Report.Median(rounds.Select(m => m.P50)) / 1000:0.0} | {Report.Median(rounds.Select(m => m.P99)) / 1000:0.0} ({rounds.Min(m => m.P99) / 1000:0.0} – {rounds.Max(m => m.P99) / 1000:0.0}) |");

    /// <summary>Accounts with one unpaid invoice each, so that the gate is closed: each is paid once.</summary>
    private async Task PrepareAsync(int unpaid)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Server.Key);
        if (_made == 0)
        {
            var policy = new { id = "recognition", standings = new[] { new { name = "overdue", when = new { unpaid_invoices = 1 }, deny = new[] { "purchase" }, message = "Pay first." } } };
            using var put = await client.PutAsJsonAsync("/v1/policies/recognition", policy);
            put.EnsureSuccessStatusCode();
        }

        var more = Math.Max(0, unpaid - (_made - Volatile.Read(ref _paid)));
        await Parallel.ForEachAsync(Enumerable.Range(_made, more), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (n, cancellationToken) =>
        {
            var account = new { name = $"Payer {n}", emails = new[] { "owner@example.com" }, currency = "USD", policy = "recognition" };
            using var made = await client.PutAsJsonAsync($"/v1/accounts/payer-{n}", account, cancellationToken);
            made.EnsureSuccessStatusCode();
            var invoice = new { lines = new[] { new { description = "work", amount = 2000 } }, collection = "manual" };
            using var issued = await client.PutAsJsonAsync($"/v1/accounts/payer-{n}/invoices/payer-{n}-1", invoice, cancellationToken);
            issued.EnsureSuccessStatusCode();
        });
        _made += more;
        await QuietAsync();
    }

    /// <summary>Each connection reports payments, one after the other, and asks the gate until it is open.</summary>
    private async Task<Measured> RoundAsync(double? perSecond)
    {
        var start = Stopwatch.GetTimestamp();
        var deadline = start + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var taken = 0;
        var all = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            using var connection = new HttpConnection();
            await connection.ConnectAsync(port);
            var latencies = new List<long>();
            while (true)
            {
                var place = Interlocked.Increment(ref taken) - 1;
                var due = perSecond is { } rate ? start + (long)(place / rate * Stopwatch.Frequency) : Stopwatch.GetTimestamp();
                if (due >= deadline) return latencies;
                if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is var wait && wait > TimeSpan.Zero) await Task.Delay(wait);
                var n = Interlocked.Increment(ref _paid) - 1;
                if (n >= _made) throw new InvalidOperationException("There are not enough unpaid accounts; prepare more.");
                // From when it was to be sent, so that what waits for a connection counts.
                latencies.Add(await PayAsync(connection, n, perSecond is null ? Stopwatch.GetTimestamp() : due));
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var sorted = all.SelectMany(part => part).Order().ToArray();
        return new Measured(sorted.Length / seconds, At(sorted, 0.5), At(sorted, 0.99), sorted.Length);
    }

    private static double At(long[] sorted, double share) => sorted[(int)(sorted.Length * share)] * 1_000_000.0 / Stopwatch.Frequency;

    private static async Task<long> PayAsync(HttpConnection connection, int n, long from)
    {
        var (id, at) = ($"msg-{n}", TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var body = Encoding.ASCII.GetBytes($$"""{"type":"payment.received","data":{"account":"payer-{{n}}","invoice":"payer-{{n}}-1","amount":2000,"currency":"USD","reference":"wire-{{n}}"} }""");
        var head = $"POST /v1/webhooks/standard HTTP/1.1\r\nHost: 127.0.0.1\r\nwebhook-id: {id}\r\nwebhook-timestamp: {at}\r\nwebhook-signature: {SandboxSignature.Sign(Secret, id, at, body)}\r\nContent-Length: {body.Length}\r\n\r\n";
        var status = await connection.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body]);
        if (status != 204) throw new InvalidOperationException($"The webhook was answered {status}: {connection.Text[..400]}");

        ReadOnlyMemory<byte> look = Encoding.ASCII.GetBytes($"GET /v1/accounts/payer-{n}/gate?operation=purchase HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {Server.Key}\r\n\r\n");
        while (true)
        {
            if (await connection.SendAsync(look) != 200) throw new InvalidOperationException(connection.Text[..400]);
            if (connection.Says(Allowed)) return Stopwatch.GetTimestamp() - from;
            await Task.Delay(PauseBetweenLooks);
        }
    }

    private async Task QuietAsync()
    {
        while (await AskAsync("select count(*) from grain_index where pending_since is not null") > 0) await Task.Delay(50);
    }

    /// <summary>Every write of a state counts its version up by one.</summary>
    private Task<long> WritesAsync() => AskAsync("select coalesce(sum(version), 0)::bigint from grain_state");

    private async Task<long> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
