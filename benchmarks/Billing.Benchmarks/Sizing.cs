using System.Globalization;
using System.Net.Http.Json;
using Npgsql;

namespace Billing.Benchmarks;

/// <summary>What accounts and paid invoices take: in memory while they are active, and in the database.</summary>
internal static class Sizing
{
    private const string Card = "card";

    /// <summary>Runs it and prints the table.</summary>
    public static async Task RunAsync(int accounts)
    {
        using var server = await ServerProcess.StartAsync();
        using var client = server.Client();
        await using var database = NpgsqlDataSource.Create(server.Database);
        await DoneAsync(client.PutAsJsonAsync("/v1/sandbox/methods/" + Card, new { script = new[] { "ok" } }));
        // The first ones pay for what is made once.
        await MakeAsync(client, 0, accounts / 10);
        await BillAsync(client, 0, accounts / 10);
        var (heap, bytes) = (await HeapAsync(client), await BytesAsync(database));
        await MakeAsync(client, accounts / 10, accounts);
        var (heapWithAccounts, bytesWithAccounts) = (await HeapAsync(client), await BytesAsync(database));
        await BillAsync(client, accounts / 10, accounts);
        await QuietAsync(database);
        var (heapWithInvoices, bytesWithInvoices) = (await HeapAsync(client), await BytesAsync(database));

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{accounts} accounts with a card, then one paid invoice each\n"));
        Console.WriteLine("| each | in memory while active, KiB | in the database, KiB |");
        Console.WriteLine("| --- | --- | --- |");
        Console.WriteLine(Row("account", heapWithAccounts - heap, bytesWithAccounts - bytes, accounts));
        Console.WriteLine(Row("invoice with its payment", heapWithInvoices - heapWithAccounts, bytesWithInvoices - bytesWithAccounts, accounts));
    }

    private static string Row(string what, long heap, long bytes, int of) => string.Create(CultureInfo.InvariantCulture, $"| {what} | {heap / 1024.0 / of:0.0} | {bytes / 1024.0 / of:0.0} |");

    private static Task MakeAsync(HttpClient client, int from, int count) => EachAsync(from, count, async n =>
    {
        await DoneAsync(client.PutAsJsonAsync($"/v1/accounts/account-{n}", new { name = $"Account {n}", emails = new[] { "owner@example.com" }, currency = "USD", policy = "cloudflare", test = true }));
        await DoneAsync(client.PutAsJsonAsync($"/v1/accounts/account-{n}/payment_methods/{Card}", new { gateway = "sandbox", token = Card, kind = "card" }));
    });

    private static Task BillAsync(HttpClient client, int from, int count) => EachAsync(from, count, n =>
        DoneAsync(client.PutAsJsonAsync($"/v1/accounts/account-{n}/invoices/invoice-{n}", new { lines = new[] { new { description = "work", amount = 2000 } }, collection = "automatic" })));

    private static Task EachAsync(int from, int count, Func<int, Task> body) =>
        Parallel.ForEachAsync(Enumerable.Range(from, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (n, _) => await body(n));

    private static async Task DoneAsync(Task<HttpResponseMessage> call)
    {
        using var answer = await call;
        answer.EnsureSuccessStatusCode();
    }

    private static Task<long> HeapAsync(HttpClient client) => client.GetFromJsonAsync<long>(new Uri("/benchmark/heap", UriKind.Relative));

    private static async Task<long> BytesAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("SELECT pg_database_size(current_database())");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Waits until every payment has ended and its acknowledgements are stored.</summary>
    private static async Task QuietAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("SELECT count(*) FROM grain_index WHERE pending_since IS NOT NULL");
        while ((long)(await command.ExecuteScalarAsync())! > 0) await Task.Delay(500);
    }
}
