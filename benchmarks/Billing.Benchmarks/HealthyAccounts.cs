using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Billing.Domain;
using Billing.Grains.Hosting;
using Billing.Silo;
using Billing.Silo.Postgres;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Billing.Benchmarks;

/// <summary>
/// What so many healthy accounts with a subscription cost: reminders, the sweepers' search for the renewals that are due, and
/// how late those are billed. One account is made by the service, and its stored row, with other names and dates, is every other's.
/// </summary>
internal sealed class HealthyAccounts(HttpClient client, NpgsqlDataSource database, int accounts)
{
    private const string Model = "model";
    private const string PolicyId = "healthy";
    private const string Document = """
        {"id": "healthy", "cycle": {"interval": "30d"}, "collection": {"retry_after": ["1d", "3d"]},
         "standings": [{"name": "overdue", "when": {"retries_exhausted": true}, "deny": ["purchase"], "message": "Pay first."}]}
        """;

    private const int Shards = 4;
    private const int MostOfAShard = 125;
    private static readonly Duration s_period = Duration.FromDays(30);

    /// <summary>Runs it and prints what it found.</summary>
    public static async Task RunAsync(int accounts, int minutes)
    {
        using var server = await ServerProcess.StartAsync();
        using var client = server.Client();
        await using var database = NpgsqlDataSource.Create(server.Database);
        await new HealthyAccounts(client, database, accounts).RunAsync(minutes);
    }

    private async Task RunAsync(int minutes)
    {
        var model = await MakeModelAsync();
        var first = Now() + Duration.FromMinutes(1);
        var clock = Stopwatch.StartNew();
        await CopyAsync(model, first);
        var seen = Now();
        Say($"{accounts} accounts with an active subscription, renewed within {s_period.Days} days, stored in {clock.Elapsed.TotalSeconds:0} s");
        await ExecuteAsync("ANALYZE grain_state, grain_index");
        Say($"rows that a start would set a reminder for: {await CountAsync("SELECT count(*) FROM grain_index WHERE clock IS NULL AND due IS NOT NULL AND summary ->> 'remind' IS DISTINCT FROM 'false'")}");
        var shown = (await client.GetFromJsonAsync<JsonElement>(new Uri("/v1/cluster", UriKind.Relative))).GetProperty("reminders").GetInt64();
        Say($"reminders that the service has set: {shown}\n");

        Console.WriteLine("| searched for | found in its shard | ms, median (lowest – highest) of 40 |");
        Console.WriteLine("| --- | --- | --- |");
        foreach (var (name, until) in new[] { ("none", first - Duration.FromDays(1)), ("the next minute's", Now() + Duration.FromMinutes(1)), ("the next day's", Now() + Duration.FromDays(1)) }) await SearchAsync(name, until);
        await RenewAsync(first, seen, minutes);
    }

    private async Task<Stored<AccountState>> MakeModelAsync()
    {
        await PutAsync("/v1/sandbox/methods/card", new { script = new[] { "ok" } });
        await PutAsync("/v1/policies/" + PolicyId, JsonElement.Parse(Document));
        await PutAsync("/v1/accounts/" + Model, new { name = "Healthy", emails = new[] { "owner@example.com" }, currency = "USD", policy = PolicyId, test = true });
        await PutAsync($"/v1/accounts/{Model}/payment_methods/card", new { gateway = "sandbox", token = "card", kind = "card" });
        await PutAsync($"/v1/accounts/{Model}/subscriptions/main", new { plan = "pro", amount = 2000 });
        while (true)
        {
            await using var command = database.CreateCommand("SELECT payload FROM grain_state WHERE service_id = 'billing' AND state_name = 'account' AND grain_key = $1");
            command.Parameters.AddWithValue(GrainKeys.Account(Model));
            var stored = new GrainSerializer().Deserialize<Stored<AccountState>>(BinaryData.FromBytes((byte[])(await command.ExecuteScalarAsync())!))!;
            if (stored is { PendingSince: null, Outbox.IsEmpty: true } && stored.State.Subscriptions is [{ Status: SubscriptionStatus.Active }]) return stored;
            await Task.Delay(100);
        }
    }

    /// <summary>The rows, through the very trigger that indexes every write.</summary>
    private async Task CopyAsync(Stored<AccountState> model, Instant first)
    {
        var policies = PolicyBook.Empty.With(PolicyId, [PolicyDocument.Parse(JsonElement.Parse(Document), PolicyId).Policy!]);
        var serializer = new GrainSerializer();
        await using var connection = await database.OpenConnectionAsync();
        await using var copy = await connection.BeginBinaryImportAsync("COPY grain_state (service_id, state_name, grain_key, version, payload) FROM STDIN (FORMAT BINARY)");
        copy.Timeout = TimeSpan.FromHours(1);
        for (var n = 0; n < accounts; n++)
        {
            var row = Row(model, string.Create(CultureInfo.InvariantCulture, $"healthy-{n}"), first + Duration.FromMilliseconds(s_period.TotalMilliseconds * n / accounts), policies);
            await copy.StartRowAsync();
            await copy.WriteAsync("billing", NpgsqlDbType.Text);
            await copy.WriteAsync("account", NpgsqlDbType.Text);
            await copy.WriteAsync(GrainKeys.Account(row.State.Existing.Id), NpgsqlDbType.Text);
            await copy.WriteAsync(1, NpgsqlDbType.Integer);
            await copy.WriteAsync(serializer.Serialize(row).ToArray(), NpgsqlDbType.Bytea);
        }

        await copy.CompleteAsync();
    }

    private static Stored<AccountState> Row(Stored<AccountState> model, string id, Instant renewed, PolicyBook policies)
    {
        var main = model.State.Subscriptions[0];
        string? Renamed(string? name) => name?.Replace(Model, id, StringComparison.Ordinal);
        var state = model.State with
        {
            Profile = model.State.Existing with { Id = id },
            Subscriptions = [main with { PeriodStart = renewed - s_period, PeriodEnd = renewed, NextBillingAt = renewed, FirstInvoice = Renamed(main.FirstInvoice), PeriodInvoice = Renamed(main.PeriodInvoice) }],
            Told = [],
        };
        return model with { Due = AccountRules.Due(state, policies), Summary = AccountRules.Summary(state, policies), State = state, Events = [], Inbox = model.Inbox.Clear() };
    }

    /// <summary>One sweeper's search in its shard.</summary>
    private async Task SearchAsync(string name, Instant until)
    {
        var index = new PostgresGrainIndex(database, "billing");
        var (found, times) = (0, new List<double>());
        for (var i = 0; i < 40 + Shards; i++)
        {
            var from = Stopwatch.GetTimestamp();
            found = (await index.UnremindedAsync(until, i % Shards, Shards, MostOfAShard)).Count;
            if (i >= Shards) times.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
        }

        Say($"| {name} | {found} | {Report.Median(times):0.0} ({times.Min():0.0} – {times.Max():0.0}) |");
    }

    /// <summary>The service goes on meanwhile: what falls due is billed, and nobody has a reminder for it.</summary>
    /// <param name="first">When the first of them is due.</param>
    /// <param name="seen">Since when the rows are there: what was due before is late for that alone.</param>
    /// <param name="minutes">For how long it is watched.</param>
    private async Task RenewAsync(Instant first, Instant seen, int minutes)
    {
        await Task.Delay(TimeSpan.FromMinutes(minutes));
        var due = (long)((Now() - Duration.FromMinutes(2) - first) / s_period * accounts);
        var renewed = await CountAsync("SELECT count(*) FROM events WHERE type = 'subscription.renewed' AND effective_at < now() - interval '2 minutes'");
        var late = await CountAsync($"SELECT coalesce(extract(epoch FROM max(recorded_at - effective_at)), 0)::bigint FROM events WHERE type = 'subscription.renewed' AND effective_at > '{seen}'");
        var most = await CountAsync("SELECT count(*) FROM OrleansRemindersTable");
        Say($"\nafter {minutes} minutes: {due} were due two minutes ago, {renewed} of them are renewed, the latest of those that were due meanwhile {late} s after its time; durable reminders in the table: {most}");
        Say($"reminders that the service has set: {(await client.GetFromJsonAsync<JsonElement>(new Uri("/v1/cluster", UriKind.Relative))).GetProperty("reminders").GetInt64()}");
    }

    private async Task PutAsync<T>(string path, T body)
    {
        using var answer = await client.PutAsJsonAsync(path, body);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 600;
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }

    private static Instant Now() => Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
