using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Billing.Testing;
using Billing.Testing.Http;
using Billing.Crash.Tests.Processes;

namespace Billing.Crash.Tests.Webhooks;

/// <summary>
/// Webhooks come in while the process is killed again and again: each is sent one to five times, in no order, and like a
/// provider's until it is acknowledged. Meanwhile the events go out to a subscriber that fails a third of the time. In the end each
/// payment is there once, with all that was told about it, and the subscriber has every event, an account's in order.
/// </summary>
/// <param name="Sent">How often a webhook was sent.</param>
/// <param name="Repeated">How often that was again, for want of an answer.</param>
/// <param name="Kills">How often the process was killed.</param>
/// <param name="Events">The events that the subscriber has.</param>
/// <param name="Deliveries">How often one was sent to it.</param>
/// <param name="Failed">How often it did not take it.</param>
/// <param name="Took">How long everything took.</param>
/// <param name="Wrong">What is wrong.</param>
internal sealed record WebhookVisit(int Sent, int Repeated, int Kills, int Events, int Deliveries, int Failed, TimeSpan Took, IReadOnlyList<string> Wrong)
{
    private const int Senders = 16;

    /// <summary>The settings of an installation with the doors that are needed.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(Webhooks.Deliveries.Settings, StringComparer.Ordinal)
    {
        ["Billing__Gateways__Stripe__WebhookSecrets__0"] = Reports.StripeSecret,
        ["Billing__Gateways__Standard__Sources__bank__Secrets__0"] = Reports.StandardSecret,
    };

    /// <summary>Sends so many webhooks about some accounts and kills the process so many times meanwhile.</summary>
    public static async Task<WebhookVisit> MakeAsync(Installation installation, int webhooks, int accounts, int kills, int seed)
    {
        var started = Stopwatch.GetTimestamp();
        var random = new Random(seed);
        var reports = new Reports(webhooks, accounts, seed);
        await installation.StartAsync();
        await using var deliveries = await Webhooks.Deliveries.StartAsync(installation, seed);
        await PrepareAsync(installation, accounts);

        var sendings = reports.All.SelectMany(report => Enumerable.Repeat(report, random.Next(1, 6))).ToArray();
        random.Shuffle(sendings);
        var queue = new ConcurrentQueue<Report>(sendings);
        var (wrong, repeated, done) = (new ConcurrentBag<string>(), 0, 0);
        using var client = new HttpClient { BaseAddress = installation.Address, Timeout = TimeSpan.FromSeconds(10) };
        var killing = KillAsync();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
        {
            while (queue.TryDequeue(out var report))
            {
                await Eventually.GetAsync($"{report.Id} is acknowledged", async () =>
                {
                    var status = await SendAsync(client, report);
                    if (status is >= 400 and < 500) wrong.Add($"{report.Id} was answered {status}");
                    if (status is >= 200 and < 500) return "";
                    Interlocked.Increment(ref repeated);
                    return null;
                });
                Interlocked.Increment(ref done);
            }
        })));
        await killing;
        await QuietAsync(installation);
        foreach (var (account, expected) in reports.Expected) await CheckAsync(installation, account, expected, wrong);
        var events = await deliveries.CheckAsync(installation, wrong);
        return new WebhookVisit(sendings.Length, repeated, kills, events, deliveries.Sent, deliveries.Failed, Stopwatch.GetElapsedTime(started), [.. wrong]);

        // At random places of the whole, and at a random moment of the work that is then under way.
        async Task KillAsync()
        {
            foreach (var place in Enumerable.Range(0, kills).Select(_ => random.Next(sendings.Length / 20, sendings.Length * 19 / 20)).Order().ToArray())
            {
                while (Volatile.Read(ref done) < place) await Task.Delay(TimeSpan.FromMilliseconds(1 + place % 7));
                installation.Kill();
                await installation.ExitAsync();
                await installation.StartAsync();
            }
        }
    }

    private static async Task PrepareAsync(Installation installation, int accounts)
    {
        for (var n = 0; n < accounts; n++)
        {
            var account = Reports.AccountName(n);
            Made(await installation.Client.PutAsync("/v1/accounts/" + account, new { name = account, emails = new[] { "owner@example.com" }, currency = "USD", policy = "cloudflare" }));
            for (var i = 0; i < 3; i++)
            {
                Made(await installation.Client.PutAsync($"/v1/accounts/{account}/invoices/{account}-{i}", new { lines = new[] { new { description = "work", amount = 2_500 } }, collection = "manual" }));
            }
        }
    }

    private static void Made(Answer answer)
    {
        if (!answer.IsDone) throw new InvalidOperationException($"It was answered {answer}");
    }

    private static async Task<int?> SendAsync(HttpClient client, Report report)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/webhooks/" + report.Door) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(report.Body)) };
            foreach (var (name, value) in Reports.Sign(report)) request.Headers.TryAddWithoutValidation(name, value);
            using var response = await client.SendAsync(request);
            return (int)response.StatusCode;
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Nothing is on its way, and every event has found what it belongs to.</summary>
    private static async Task QuietAsync(Installation installation)
    {
        await Eventually.GetAsync("Nothing is on its way", async () => (await installation.PendingAsync()).Count == 0 && (await installation.UnmatchedAsync()).Count == 0 ? "" : null);
    }

    private static async Task CheckAsync(Installation installation, string account, Expected expected, ConcurrentBag<string> wrong)
    {
        var payments = await installation.Client.ListAsync($"/v1/accounts/{account}/payments");
        var byId = payments.ToDictionary(payment => (string)payment["id"]!, StringComparer.Ordinal);
        if (byId.Count != expected.Captured.Count) wrong.Add($"{account} has {byId.Count} payments and not {expected.Captured.Count}");
        foreach (var (reference, amount) in expected.Captured)
        {
            // Our own name of money received, which a reference of these letters does not change.
            if (!byId.TryGetValue($"{account}~received~{reference}", out var payment))
            {
                wrong.Add($"{account}: {reference} is lost");
                continue;
            }

            Compare("captured", amount);
            Compare("refunded", expected.Refunded.GetValueOrDefault(reference));
            Compare("reversed", expected.Reversed.GetValueOrDefault(reference));

            void Compare(string field, long right)
            {
                if (((long?)payment[field] ?? 0) != right) wrong.Add($"{account}: {field} of {reference} is {payment[field]} and not {right}");
            }
        }
    }
}
