using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;

namespace Billing.Testing.Scenarios;

/// <summary>What a step of a scenario expects, compared with what the API answers. Instants are compared to the second.</summary>
internal sealed class HttpExpectation(ScenarioAccount account)
{
    /// <summary>Of these there may be any names, so each is asked for by itself.</summary>
    private const string Any = "*";

    private static readonly FrozenSet<string> Instants =
        new[] { "at", "due_at", "unpaid_since", "next_attempt_at", "next_billing_at", "current_period_end", "standing_since" }.ToFrozenSet(StringComparer.Ordinal);

    private readonly List<string> _broken = [];

    /// <summary>The expectations that the API can answer, and the fields of each, by thing where it is about many.</summary>
    public static readonly FrozenDictionary<string, string[]> Fields = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["standing"] = [],
        ["amount_due"] = [],
        ["amount_unpaid"] = [],
        ["banner"] = [],
        ["credit"] = [],
        ["prepayment"] = [],
        ["promo"] = [],
        ["policy_version"] = [],
        ["episode_since"] = [],
        ["default_method"] = [],
        ["timeline"] = [],
        ["attention"] = [],
        ["charged"] = [],
        ["next"] = ["standing", "at"],
        ["charges"] = ["total", "succeeded", "captured"],
        ["events"] = [Any],
        ["notices"] = [Any],
        ["gate"] = [Any],
        ["orders"] = [Any],
        ["resources"] = [Any],
        ["gate_answer"] = ["?context", "allowed", "operation", "standing", "standing_since", "code", "message", "context_message", "blockers", "blocking_invoices", "amount_unpaid", "amount_to_clear", "currency", "banner", "redirect", "next"],
        ["invoices"] =
        [
            "status", "display_status", "kind", "number", "total", "tax", "amount_due", "amount_paid", "due_at", "unpaid_since", "next_attempt_at", "attempts", "tried", "tried_at",
            "ladder", "ladder_at", "settles", "settled_by", "superseded", "credit_notes", "lines",
        ],
        ["subscriptions"] = ["status", "plan", "amount", "next_billing_at", "current_period_end"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether every field of an expectation can be answered.</summary>
    public static bool CanAnswer(string key, JsonNode? value)
    {
        if (!Fields.TryGetValue(key, out var fields)) return false;
        var asked = key is "gate_answer" or "invoices" or "subscriptions" ? value!.AsObject().SelectMany(thing => thing.Value!.AsObject()) : (value as JsonObject ?? []);
        return fields is [Any] || asked.All(field => fields.Contains(field.Key, StringComparer.Ordinal));
    }

    /// <summary>Everything that is otherwise than expected, in words.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(JsonObject expected)
    {
        var view = await account.GetAsync(account.Path());
        foreach (var (key, value) in expected) await CheckAsync(key, value, view);
        return _broken;
    }

    private async Task CheckAsync(string key, JsonNode? value, JsonObject view)
    {
        switch (key)
        {
            case "standing" or "amount_due" or "amount_unpaid" or "banner":
                Same(key, value, view[key]);
                break;
            case "credit":
                Same(key, value, Number(view["credit"]!["prepayment"]) + Number(view["credit"]!["promo"]));
                break;
            case "prepayment" or "promo":
                Same(key, value, view["credit"]![key]);
                break;
            case "policy_version":
                Same(key, value, view["policy"]!["version"]);
                break;
            case "episode_since":
                SameInstant(key, value, view["episode"]?["since"]);
                break;
            case "next":
                SameStep(key, value, view["next"]);
                break;
            case "default_method":
                var methods = await account.ListAsync(account.Path("/payment_methods"));
                Same(key, value?.ToString(), methods.Where(method => (bool)method["default"]!).Select(method => account.Name(Text(method["id"]))).FirstOrDefault());
                break;
            case "timeline":
                CheckTimeline(value!.AsArray(), await account.ListAsync(account.Path("/timeline")));
                break;
            case "attention":
                Same(key, Listed(value), string.Join(", ", (await account.ListAsync("/v1/attention")).Where(entry => (string?)entry["account"] == account.Account).Select(entry => entry["kind"])));
                break;
            case "charges":
                CheckCharges(value!.AsObject(), await account.ChargesAsync());
                break;
            case "charged":
                Same(key, Listed(value), string.Join(", ", await ChargedAsync()));
                break;
            case "events":
                var events = await account.EventsAsync();
                foreach (var (type, number) in value!.AsObject()) Same($"events {type}", number, events.Count(e => (string?)e["type"] == type));
                break;
            case "notices":
                var delivered = (await account.EventsAsync()).Where(e => (string?)e["type"] == "notice.delivered").ToArray();
                foreach (var (name, number) in value!.AsObject()) Same($"notices {name}", number, delivered.Count(e => (string?)e["data"]!["notice"] == name));
                break;
            case "gate":
                foreach (var (operation, allowed) in value!.AsObject()) Same($"gate {operation}", allowed, (await GateAsync(operation, context: null))["allowed"]);
                break;
            case "gate_answer":
                foreach (var (operation, answer) in value!.AsObject()) CheckAnswer(operation, answer!.AsObject(), await GateAsync(operation, (string?)answer["?context"]));
                break;
            case "invoices":
                foreach (var (id, fields) in value!.AsObject()) CheckInvoice(id, fields!.AsObject(), await account.GetAsync(account.Invoice(id)));
                break;
            case "subscriptions":
                foreach (var (id, fields) in value!.AsObject()) CheckFields(id, fields!.AsObject(), await account.GetAsync(account.Path($"/subscriptions/{account.Id(id)}")));
                break;
            case "resources":
                foreach (var (id, state) in value!.AsObject()) Same($"resource {id}", state, (await ResourceAsync(id))["state"]);
                break;
            case "orders":
                foreach (var (id, action) in value!.AsObject()) Same($"order of {id}", action, (await ResourceAsync(id))["order"]?["action"]);
                break;
            default:
                throw new ScenarioBroken($"there is no expectation {key}");
        }
    }

    private Task<JsonObject> GateAsync(string operation, string? context) =>
        account.GetAsync(account.Path($"/gate?operation={Uri.EscapeDataString(operation)}{(context is null ? "" : "&context=" + Uri.EscapeDataString(context))}"));

    private Task<JsonObject> ResourceAsync(string id) => account.GetAsync(account.Path($"/resources/{account.Id(id)}"));

    private void CheckAnswer(string operation, JsonObject expected, JsonObject answer)
    {
        foreach (var (field, value) in expected.Where(property => !property.Key.StartsWith('?')))
        {
            var what = $"gate {operation} {field}";
            var blockers = answer["blockers"]!.AsArray();
            switch (field)
            {
                case "blocking_invoices":
                    var blocking = blockers.SelectMany(blocker => blocker!["invoices"]!.AsArray()).Select(invoice => account.Name(Text(invoice!["id"])));
                    Same(what, string.Join(", ", value!.AsArray().Select(Text).Order(StringComparer.Ordinal)), string.Join(", ", blocking.Order(StringComparer.Ordinal)));
                    break;
                case "blockers":
                    Same(what, Listed(value), string.Join(", ", blockers.Select(blocker => blocker!["category"])));
                    break;
                case "redirect":
                    Same(what, value, answer[field] is not null);
                    break;
                case "next":
                    SameStep(what, value, answer[field]);
                    break;
                default:
                    CheckField(what, field, value, answer);
                    break;
            }
        }
    }

    private void CheckInvoice(string id, JsonObject expected, JsonObject invoice)
    {
        foreach (var (field, value) in expected)
        {
            var what = $"{id}.{field}";
            switch (field)
            {
                case "attempts":
                    Same(what, value, invoice[field]!.AsArray().Count);
                    break;
                case "tried":
                    Same(what, Listed(value), Each(invoice["attempts"], attempt => $"{Method(attempt)} {attempt["outcome"]}"));
                    break;
                case "tried_at":
                    Same(what, Shown(value), Each(invoice["attempts"], At));
                    break;
                case "ladder":
                    Same(what, Listed(value), Each(invoice["ladder"], rung => Text(rung["result"])));
                    break;
                case "ladder_at":
                    Same(what, Shown(value), Each(invoice["ladder"], At));
                    break;
                case "settles":
                    Same(what, Listed(value), Each(invoice[field], settled => $"{account.Name(Text(settled["invoice"]))} {settled["amount_due"]}"));
                    break;
                case "credit_notes":
                    Same(what, Listed(value), Each(invoice[field], note => $"{note["number"]} {note["amount"]}"));
                    break;
                case "lines":
                    Same(what, Listed(value), Each(invoice[field], line => $"{line["description"]} {line["amount"]}"));
                    break;
                case "settled_by":
                    Same(what, value, invoice[field] is not null);
                    break;
                case "superseded":
                    Same(what, value, invoice["superseded_by"] is not null);
                    break;
                default:
                    CheckField(what, field, value, invoice);
                    break;
            }
        }
    }

    private void CheckFields(string id, JsonObject expected, JsonObject got)
    {
        foreach (var (field, value) in expected) CheckField($"{id}.{field}", field, value, got);
    }

    private void CheckField(string what, string field, JsonNode? expected, JsonObject got)
    {
        if (Instants.Contains(field)) SameInstant(what, expected, got[field]);
        else Same(what, expected, got[field]);
    }

    /// <summary>Every change of standing; that the account began good is none.</summary>
    private void CheckTimeline(JsonArray expected, IReadOnlyList<JsonObject> timeline)
    {
        var got = timeline.Select(entry => $"{entry["standing"]} at {Show(entry["effective_at"])}").ToList();
        if (got.Count > 0 && got[0] == $"good at {Show(account.Start)}") got.RemoveAt(0);
        Same("timeline", string.Join(", ", expected.Select(entry => $"{entry![1]} at {Show(account.At(entry[0]!))}")), string.Join(", ", got));
    }

    private void CheckCharges(JsonObject expected, IReadOnlyList<JsonObject> charges)
    {
        var succeeded = charges.Where(charge => (string?)charge["status"] == "succeeded").ToArray();
        foreach (var (field, number) in expected)
        {
            Same($"charges.{field}", number, field switch { "total" => charges.Count, "succeeded" => succeeded.Length, _ => succeeded.Sum(charge => Number(charge["amount"])) });
        }
    }

    /// <summary>The gateway's ledger, with the methods that our payments say were charged. What was not captured for sure has no row there.</summary>
    private async Task<IReadOnlyList<string>> ChargedAsync()
    {
        var charges = await account.ChargesAsync();
        var tried = new Dictionary<string, Queue<string>>(StringComparer.Ordinal);
        foreach (var payment in charges.Select(charge => Text(charge["payment"])).Distinct(StringComparer.Ordinal))
        {
            var attempts = (await account.GetAsync($"/v1/payments/{payment}"))["attempts"]!.AsArray();
            tried[payment] = new Queue<string>(attempts.Where(attempt => (string?)attempt!["outcome"] is not ("error" or "not_captured")).Select(attempt => Method(attempt!)));
        }

        return [.. charges.Select(charge => $"{(tried[Text(charge["payment"])].TryDequeue(out var method) ? method : "nothing")} {charge["amount"]} {charge["status"]}")];
    }

    private string Method(JsonNode attempt) => (string?)attempt["method"] is { } method ? account.Name(method) : "one_off";

    private void SameStep(string what, JsonNode? expected, JsonNode? got)
    {
        if (expected is null) Same(what, null, got?.ToJsonString());
        if (expected?["standing"] is { } standing) Same($"{what}.standing", standing, got?["standing"]);
        if (expected?["at"] is { } at) SameInstant($"{what}.at", at, got?["at"]);
    }

    private void SameInstant(string what, JsonNode? expected, JsonNode? got) => Same(what, expected is null ? null : Show(account.At(expected)), got is null ? null : Show(got));

    private void Same(string what, JsonNode? expected, JsonNode? got) => Same(what, expected?.ToString(), got?.ToString());

    private void Same(string what, string? expected, string? got)
    {
        if (expected != got) _broken.Add($"{what}: expected {Quoted(expected)}, got {Quoted(got)}");
    }

    private string Shown(JsonNode? instants) => string.Join(", ", instants!.AsArray().Select(at => Show(account.At(at!))));

    private static string At(JsonNode of) => Show(of["at"]);

    private static string Each(JsonNode? list, Func<JsonNode, string> tell) => string.Join(", ", list!.AsArray().Select(item => tell(item!)));

    private static string Listed(JsonNode? list) => Each(list, Text);

    private static string Show(JsonNode? instant) => Show(InstantPattern.ExtendedIso.Parse(Text(instant)).Value);

    private static string Show(Instant instant) => instant.ToString("uuuu'-'MM'-'dd'T'HH':'mm':'ss'Z'", CultureInfo.InvariantCulture);

    private static string Quoted(string? text) => text is null ? "nothing" : $"'{text}'";

    private static long Number(JsonNode? node) => node!.GetValue<long>();

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
