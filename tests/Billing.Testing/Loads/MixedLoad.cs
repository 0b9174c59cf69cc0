using System.Globalization;
using System.Text.Json.Nodes;
using Billing.Testing.Http;

namespace Billing.Testing.Loads;

/// <summary>
/// A hundred accounts and their payments at once, while the clock of most of them moves through a dunning story. Every
/// caller repeats until it is answered, so the same load ends the same, crash or not.
/// </summary>
public sealed class MixedLoad(BillingClient client, string name, int accounts)
{
    private const int Days = 6;
    private const int MostRounds = 8;
    private const int Policies = 5;

    private static readonly TimeSpan ManualDueAfter = TimeSpan.FromDays(60);

    private readonly string[] _clocks = [Plan.Moving(name), Plan.Standing(name)];
    private readonly SemaphoreSlim _paid = new(0);

    private DateTimeOffset _standingAt = Plan.Start;
    private DateTimeOffset _movingAt = Plan.Start;

    /// <summary>What is done.</summary>
    public IReadOnlyList<Plan> Plans { get; } = Plan.Mix(name, accounts);

    /// <summary>What was answered.</summary>
    public Acknowledged Acknowledged { get; } = new();

    /// <summary>Runs it until nothing is open any more.</summary>
    public async Task RunAsync()
    {
        foreach (var clock in _clocks)
            Acknowledged.Keep(await client.PutAsync("/v1/test_clocks/" + clock, new { now = Plan.Start }), "/v1/test_clocks/" + clock, "id");
        var payers = Plans.Where(plan => plan.IsPaidByHand).ToDictionary(plan => plan, plan => new Payer(client, Acknowledged, plan));
        var standing = Plans.Where(plan => plan.Clock == _clocks[1]).Select(async plan =>
        {
            await SetUpAsync(plan);
            if (plan.IsPaidByHand) await payers[plan].PayAsync();
        });
        await Task.WhenAll([MovingAsync(payers), PutPoliciesAsync(), .. standing]);
        await SettleAsync(payers.Values);
    }

    /// <summary>Six days in steps of one, while others on this clock pay; each step waits for its share of them.</summary>
    private async Task MovingAsync(Dictionary<Plan, Payer> payers)
    {
        await Task.WhenAll(Plans.Where(plan => plan.Clock == _clocks[0]).Select(SetUpAsync));
        var early = payers.Where(payer => payer.Key.Clock == _clocks[0] && payer.Key.Kind != Kind.Never).Select(payer => payer.Value).ToArray();
        var paying = early.Select(async payer =>
        {
            await payer.PayAsync();
            _paid.Release();
        }).ToArray();
        for (var day = 1; day <= Days; day++)
        {
            _movingAt = Plan.Start.AddDays(day);
            await client.AdvanceAsync(_clocks[0], _movingAt);
            for (var share = 0; share < early.Length / Days; share++) await Task.WhenAny(_paid.WaitAsync(), Task.WhenAll(paying));
        }

        await Task.WhenAll(paying);
        await Task.WhenAll(payers.Where(payer => payer.Key.Kind == Kind.Never).Select(payer => payer.Value.PayAsync()));
    }

    private async Task SetUpAsync(Plan plan)
    {
        await ScriptAsync(plan.Account + "-card", plan.Script);
        var account = "/v1/accounts/" + plan.Account;
        Acknowledged.Keep(
            await client.PutAsync(account, new { name = plan.Account, emails = (string[])["owner@example.com"], currency = "USD", policy = "cloudflare", test_clock = plan.Clock }),
            account, "id", "name", "emails", "currency", "policy", "test_clock");
        var method = account + "/payment_methods/card";
        Acknowledged.Keep(await client.PutAsync(method, new { gateway = "sandbox", token = plan.Account + "-card", kind = "card" }), method, "id", "kind", "default");
        foreach (var invoice in plan.Invoices)
        {
            var answer = await client.PutAsync($"{account}/invoices/{invoice.Id}", Body(plan, invoice));
            var path = "/v1/invoices/" + invoice.Id;
            Acknowledged.Keep(answer, path, answer.Status == 200 ? ["id", "account", "total", "number", "issued_at", "due_at"] : ["id", "account"]);
            // Accepted, it is not owed yet, and nobody can pay it before it is.
            if (answer.Status == 202) await Eventually.GetAsync(invoice.Id + " is issued", async () => (await client.GetAsync(path)).Text("status") == "draft" ? null : path);
        }
    }

    private static object Body(Plan plan, PlannedInvoice invoice)
    {
        object[] lines = [new { description = "work", amount = invoice.Amount }];
        return plan.IsAutomatic ? new { lines, collection = "automatic" } : new { lines, collection = "manual", due_at = Plan.Start + ManualDueAfter };
    }

    private async Task ScriptAsync(string token, string[] script)
    {
        var answer = await client.PutAsync("/v1/sandbox/methods/" + token, new { script });
        if (!answer.IsDone) throw new InvalidOperationException($"The script of {token}: answered {answer}");
    }

    private async Task PutPoliciesAsync()
    {
        var shipped = await client.GetAsync("/v1/policies/cloudflare");
        for (var n = 0; n < Policies; n++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/v1/policies/{name}-{n}");
            var document = (JsonObject)shipped.Body["document"]!.DeepClone();
            document.Remove("id");
            Acknowledged.Keep(await client.PutAsync(path, document), path, "id", "version", "document", "in_force_since");
        }
    }

    /// <summary>Payments that a crash left unknown end when their clock moves; who finds that his did not pay, pays again.</summary>
    private async Task SettleAsync(IReadOnlyCollection<Payer> payers)
    {
        for (var round = 0; ; round++)
        {
            await AdvanceBothAsync(TimeSpan.FromHours(1));
            if (payers.All(payer => payer.IsPaid)) break;
            if (round == MostRounds) throw new InvalidOperationException($"{payers.Count(payer => !payer.IsPaid)} payments by hand never ended.");
            await Task.WhenAll(payers.Where(payer => !payer.IsPaid).Select(payer => payer.PayAsync()));
        }

        await AdvanceBothAsync(TimeSpan.FromDays(3));
    }

    private Task AdvanceBothAsync(TimeSpan by)
    {
        _movingAt += by;
        _standingAt += by;
        return Task.WhenAll(client.AdvanceAsync(_clocks[0], _movingAt), client.AdvanceAsync(_clocks[1], _standingAt));
    }
}
