using System.Globalization;
using System.Text.Json.Nodes;
using Billing.Testing.Http;
using Billing.Testing.Loads;

namespace Billing.Testing.Verdicts;

/// <summary>All that the service and the sandbox say about an account, beside what its plan says.</summary>
public sealed record AccountReading(Plan Plan, JsonObject Account, IReadOnlyList<JsonObject> Invoices, IReadOnlyList<JsonObject> Payments, IReadOnlyList<JsonObject> Charges,
    IReadOnlyList<JsonObject> Timeline, IReadOnlyList<JsonObject> Events)
{
    /// <summary>
    /// A crash makes a consequence later by no more than the time after which an unknown payment is resolved, once for
    /// each crash; never earlier.
    /// </summary>
    private static readonly TimeSpan LaterByCrash = TimeSpan.FromHours(1);

    /// <summary>Reads it.</summary>
    public static async Task<AccountReading> OfAsync(BillingClient client, Plan plan)
    {
        var account = "/v1/accounts/" + plan.Account;
        return new AccountReading(
            plan,
            (await client.GetAsync(account)).Body,
            await client.ListAsync(account + "/invoices"),
            await client.ListAsync(account + "/payments"),
            await client.ListAsync("/v1/sandbox/charges?account=" + plan.Account),
            await client.ListAsync(account + "/timeline"),
            await client.ListAsync("/v1/events?account=" + plan.Account));
    }

    /// <summary>Where the outside truth has more charges than debts, or our books disagree with it.</summary>
    public IEnumerable<string> Money()
    {
        var charged = Succeeded(Charges, "amount");
        var captured = Succeeded(Payments, "captured");
        var owed = Plan.Invoices.Sum(invoice => invoice.Amount);
        if (charged.Length != 1 || charged.Sum() != owed) yield return $"owed {owed}, charged {Show(charged)}";
        if (captured.Length != 1 || captured.Sum() != charged.Sum()) yield return $"charged {Show(charged)}, our payments say {Show(captured)}";
        if (Charges.FirstOrDefault(charge => Text(charge, "status") is not ("succeeded" or "failed")) is { } open) yield return $"a charge is {Text(open, "status")}";
        var allocated = Payments.SelectMany(payment => payment["allocations"]!.AsArray()).Sum(part => (long)part!["amount"]!);
        if (allocated != owed) yield return $"owed {owed}, allocated {allocated}";
    }

    /// <summary>Where it ended otherwise than without a crash.</summary>
    public IEnumerable<string> Ending(int crashes) => [.. Balances(), .. Documents(crashes), .. Story(crashes)];

    private IEnumerable<string> Balances()
    {
        if (Text(Account, "standing") != "good") yield return $"standing {Text(Account, "standing")}";
        foreach (var field in (string[])["amount_due", "amount_unpaid"])
        {
            if ((long?)Account[field] != 0) yield return $"{field} {Account[field]}";
        }

        if (Account["credit"] is not JsonObject credit || credit.Any(kind => (long)kind.Value! != 0)) yield return $"credit {Account["credit"]?.ToJsonString()}";
        if (Account["next"] is { } next) yield return $"next {next.ToJsonString()}";
        if (Account["episode"] is { } episode) yield return $"episode {episode.ToJsonString()}";
    }

    private IEnumerable<string> Documents(int crashes)
    {
        var standard = Invoices.Where(invoice => Text(invoice, "kind") == "standard").ToDictionary(invoice => Text(invoice, "id"), StringComparer.Ordinal);
        if (standard.Count != Plan.Invoices.Count) yield return $"{standard.Count} invoices of {Plan.Invoices.Count}";
        foreach (var planned in Plan.Invoices)
        {
            if (!standard.TryGetValue(planned.Id, out var invoice)) yield return $"{planned.Id} is not there";
            else if ((Text(invoice, "status"), (long)invoice["amount_due"]!, (long)invoice["amount_paid"]!) != ("paid", 0, planned.Amount)) yield return $"{planned.Id} is {invoice.ToJsonString()}";
            else if (!IsPlanned(Texts(invoice["ladder"]!.AsArray().Select(rung => rung!.AsObject()), "result"), crashes)) yield return $"{planned.Id} has the ladder {invoice["ladder"]!.ToJsonString()}";
        }

        var numbers = standard.Values.Select(invoice => Text(invoice, "number")).ToArray();
        if (numbers.Distinct(StringComparer.Ordinal).Count() != numbers.Length || numbers.Contains("")) yield return $"numbers {string.Join(", ", numbers)}";
        var balance = Invoices.Where(invoice => Text(invoice, "kind") == "balance").ToArray();
        if (balance.Length != Plan.Timeline.Count(standing => standing == "overdue")) yield return $"{balance.Length} balance invoices";
        if (balance.FirstOrDefault(invoice => Text(invoice, "status") != "paid") is { } open) yield return $"balance invoice {open.ToJsonString()}";
    }

    /// <summary>
    /// One crash costs no rung: what was under way is asked for and then made up for. Only an attempt that was under way at
    /// two crashes counts as declined.
    /// </summary>
    private bool IsPlanned(IReadOnlyList<string> ladder, int crashes) =>
        ladder.SequenceEqual(Plan.Ladder) || (crashes > 1 && ladder.Count > 0 && ladder[^1] == Plan.Ladder[^1]);

    private IEnumerable<string> Story(int crashes)
    {
        var standings = Texts(Timeline, "standing");
        if (!standings.SequenceEqual(Plan.Timeline)) yield return $"timeline {string.Join(", ", standings)}";
        else if (standings.Count > 0 && (Instant(Timeline[0], "effective_at") - Plan.Start - Plan.OverdueAfter) is var late && (late < TimeSpan.Zero || late > LaterByCrash * crashes))
            yield return $"overdue {late} late";

        var ledger = Charges.Select(charge => new Charge((long)charge["amount"]!, Text(charge, "status"))).ToArray();
        if (crashes > 1 ? ledger.Length > Plan.Ledger.Count : !ledger.SequenceEqual(Plan.Ledger)) yield return $"ledger {string.Join(", ", ledger.AsEnumerable())}";

        var numbers = Events.Select(e => (long)e["account_seq"]!).ToArray();
        if (numbers.Length == 0 || !numbers.SequenceEqual(Enumerable.Range(1, numbers.Length).Select(n => (long)n))) yield return $"events {Show(numbers)}";
    }

    private static long[] Succeeded(IEnumerable<JsonObject> rows, string amount) => [.. rows.Where(row => Text(row, "status") == "succeeded").Select(row => (long)row[amount]!)];

    private static string Text(JsonObject from, string name) => (string?)from[name] ?? "";

    private static IReadOnlyList<string> Texts(IEnumerable<JsonObject> rows, string name) => [.. rows.Select(row => Text(row, name))];

    private static DateTimeOffset Instant(JsonObject from, string name) => DateTimeOffset.Parse(Text(from, name), CultureInfo.InvariantCulture);

    private static string Show(long[] numbers) => $"[{string.Join(", ", numbers)}]";
}
