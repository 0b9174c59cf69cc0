using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Billing.Crash.Tests.Processes;
using Billing.Testing;
using Billing.Testing.Http;

namespace Billing.Crash.Tests.Webhooks;

/// <summary>
/// The way out of the same visit: a subscriber that takes two events of three and fails the others, by a 500 or by dropping the
/// connection. In the end it has every event of the log, an account's in order, whatever was killed meanwhile.
/// </summary>
internal sealed class Deliveries : IAsyncDisposable
{
    private const string Endpoint = "/v1/webhook_endpoints/books";

    /// <summary>The most attempts of an event that can be configured: with a third failing, none is ever used up.</summary>
    private const int Attempts = 20;

    private const int Taken = 204;

    private readonly Subscriber _subscriber;
    private readonly Random _random;
    private string _secret = "";
    private long _from;

    private Deliveries(Subscriber subscriber, int seed)
    {
        (_subscriber, _random) = (subscriber, new Random(seed));
        subscriber.Answer = (_, http) =>
        {
            switch (Roll())
            {
                case 0:
                    return Subscriber.Respond(http, 500);
                case 1:
                    http.Abort();
                    return Task.CompletedTask;
                default:
                    return Subscriber.Respond(http, Taken);
            }
        };
    }

    /// <summary>The settings that it needs: what fails is tried again soon, so that an hour's outage takes seconds.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Settings { get; } =
    [
        new("Billing__Webhooks__LookEvery", "00:00:00.1"),
        .. Enumerable.Range(0, Attempts).Select(n => new KeyValuePair<string, string>($"Billing__Webhooks__Schedule__{n}", "00:00:00.1")),
    ];

    /// <summary>How often anything was sent.</summary>
    public int Sent => _subscriber.Heard.Length;

    /// <summary>How often it was not taken.</summary>
    public int Failed => _subscriber.Heard.Count(heard => heard.Status != Taken);

    /// <summary>Starts it and subscribes to everything that happens from now on.</summary>
    public static async Task<Deliveries> StartAsync(Installation installation, int seed)
    {
        var deliveries = new Deliveries(await Subscriber.StartAsync(), seed);
        var made = await installation.Client.PutAsync(Endpoint, new { url = deliveries._subscriber.Url, events = new[] { "*" } });
        if (!made.IsDone) throw new InvalidOperationException($"The subscriber was answered {made}");
        (deliveries._secret, deliveries._from) = (made.Text("secret"), (long)made.Body["cursor"]!);
        return deliveries;
    }

    /// <summary>Waits until everything has come, and holds it against the log.</summary>
    /// <param name="installation">The service.</param>
    /// <param name="wrong">Takes what is wrong.</param>
    /// <returns>How many events there were.</returns>
    public async Task<int> CheckAsync(Installation installation, ConcurrentBag<string> wrong)
    {
        var log = (await installation.Client.ListAsync("/v1/events")).Where(row => Seq(row) > _from).ToDictionary(Seq);
        await ArriveAsync(log.Keys, wrong);
        await EndAsync(installation, wrong);

        foreach (var heard in _subscriber.Heard)
        {
            if (!heard.IsSignedWith(_secret)) wrong.Add($"{heard.Id} has a wrong signature");
            if (log.TryGetValue(heard.Seq, out var told) && !JsonNode.DeepEquals(told, JsonNode.Parse(heard.Body)!["data"])) wrong.Add($"{heard.Id} is not what the log says");
        }

        var taken = _subscriber.Taken.Where(heard => log.ContainsKey(heard.Seq)).ToLookup(heard => heard.Account ?? "", heard => heard.Seq, StringComparer.Ordinal);
        foreach (var account in log.Values.GroupBy(row => (string?)row["account"] ?? "", StringComparer.Ordinal))
        {
            if (account.Key.Length > 0 && account.Where((row, n) => (long)row["account_seq"]! != n + 1).Any()) wrong.Add($"the log of {account.Key} has a gap");
            if (!taken[account.Key].SequenceEqual(account.Select(Seq))) wrong.Add($"{account.Key}: its events were not taken in the order of the log");
        }

        foreach (var (payment, times) in log.Values.Where(row => (string?)row["type"] == "payment.succeeded").CountBy(row => (string)row["data"]!["payment"]!, StringComparer.Ordinal))
        {
            if (times > 1) wrong.Add($"{payment} succeeded {times} times");
        }

        return log.Count;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _subscriber.DisposeAsync();

    private static long Seq(JsonObject row) => (long)row["seq"]!;

    /// <summary>Waits for as long as more and more has come.</summary>
    private async Task ArriveAsync(IReadOnlyCollection<long> wanted, ConcurrentBag<string> wrong)
    {
        var missing = Missing();
        try
        {
            while (missing.Length > 0) missing = await Eventually.GetAsync("Another event comes", () => Task.FromResult(Missing() is var left && left.Length < missing.Length ? left : null));
        }
        catch (TimeoutException)
        {
            wrong.Add($"{missing.Length} of {wanted.Count} events are lost, {missing[0]} first");
        }

        long[] Missing() => [.. wanted.Except(_subscriber.Heard.Where(heard => heard.Status == Taken).Select(heard => heard.Seq)).Order()];
    }

    /// <summary>The service knows what was taken: nothing is in flight, and nobody has given up.</summary>
    private static async Task EndAsync(Installation installation, ConcurrentBag<string> wrong)
    {
        JsonObject shown = [];
        try
        {
            await Eventually.GetAsync("Nothing is in flight", async () => (int)(shown = (await installation.Client.GetAsync(Endpoint)).Body)["in_flight"]! == 0 ? shown : null);
        }
        catch (TimeoutException)
        {
            wrong.Add($"the subscriber has everything, and its endpoint does not know: {shown.ToJsonString()}");
        }

        if (!(bool)shown["enabled"]!) wrong.Add($"the endpoint is disabled: {shown.ToJsonString()}");
    }

    private int Roll()
    {
        // Two of six: a third.
        lock (_random) return _random.Next(6);
    }
}
