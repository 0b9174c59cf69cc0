using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Billing.Testing.Http;

namespace Billing.Testing.Scenarios;

/// <summary>What a step of a scenario does, as calls of the API.</summary>
internal sealed class HttpVerbs(ScenarioAccount account)
{
    private static readonly string[] OneOff = ["kind", "script", "fingerprint", "network", "funding"];

    private readonly Dictionary<(string Key, string OneOff), string> _tokens = [];
    private int _oneOffs;

    /// <summary>The verbs that have a call, and the fields of each that the call has.</summary>
    public static readonly FrozenDictionary<string, string[]> Fields = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["issue"] = ["id", "amount", "lines", "collection", "draft", "due_at", "subscription"],
        ["finalize"] = [],
        ["void"] = [],
        ["write_off"] = [],
        ["undo_write_off"] = [],
        ["adjust"] = ["invoice", "amount", "reason"],
        ["pay"] = ["invoice", "method", "one_off", "key"],
        ["pay_all"] = ["method", "one_off", "key"],
        ["received"] = ["amount", "reference", "invoice", "received_at"],
        ["refund"] = ["invoice", "charge", "reference", "amount", "reopen", "part", "sent"],
        ["refund_credit"] = ["amount"],
        ["reverse"] = ["invoice", "charge", "reference", "amount", "reason"],
        ["settle"] = ["charge", "outcome", "amount"],
        ["dispute"] = ["charge", "outcome"],
        ["resolve"] = ["invoice", "outcome"],
        ["credit"] = ["kind", "amount", "expires_at"],
        ["subscribe"] = ["id", "plan", "amount", "starts_at"],
        ["cancel_subscription"] = ["id", "void_open"],
        ["charge"] = ["description", "amount"],
        ["method"] = ["id", "default", "token", .. OneOff],
        ["remove_method"] = [],
        ["default_method"] = [],
        ["account"] = ["currency", "time_zone", "emails"],
        ["tags"] = [],
        ["controls"] = ["enforcement_off", "auto_pay_off"],
        ["extension"] = ["until", "reason"],
        ["end_extension"] = [],
        ["move"] = ["version"],
        ["bounced"] = [],
        ["attest"] = [],
        ["hold"] = ["category", "deny", "reason"],
        ["release"] = [],
        ["resource"] = ["id", "kind", "state", "depends_on"],
        ["acknowledge"] = [],
        ["power_on"] = [],
        // A document: what it may say is the policy's language.
        ["policy"] = ["*"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Does it, and gives the answer.</summary>
    /// <exception cref="ScenarioBroken">There is nothing to do it to.</exception>
    public Task<Answer> DoAsync(string verb, JsonNode argument) => verb switch
    {
        "issue" => IssueAsync(argument),
        "finalize" or "void" or "write_off" or "undo_write_off" => account.PostAsync(account.Invoice(Text(argument), "/" + verb)),
        "adjust" => account.PostAsync(account.Invoice(Text(argument, "invoice"), "/adjust"), Of(("amount", argument["amount"]), ("reason", argument["reason"] ?? "agreed"))),
        "pay" => PayAsync(account.Invoice(Text(argument, "invoice"), "/pay"), argument),
        "pay_all" => PayAsync(account.Path("/pay"), argument),
        "received" => account.PostAsync(
            account.Path("/payments"),
            Of(("amount", argument["amount"]), ("reference", Id(argument, "reference")), ("invoice", Id(argument, "invoice")), ("received_at", At(argument, "received_at")))),
        "refund" => OnPaymentAsync(argument, "refund", Of(("amount", argument["amount"]), ("reopen", argument["reopen"]), ("invoice", Id(argument, "part")), ("reference", argument["sent"]))),
        "refund_credit" => account.PostAsync(account.Path("/credits/refund"), Of(("amount", argument["amount"]))),
        "reverse" => OnPaymentAsync(argument, "reverse", Of(("amount", argument["amount"]), ("reason", argument["reason"] ?? "returned"))),
        "settle" => OnChargeAsync(argument, "settle", "processing"),
        "dispute" => OnChargeAsync(argument, "dispute", "succeeded", "disputed"),
        "resolve" => ResolveAsync(argument),
        "credit" => account.PostAsync(account.Path("/credits"), Of(("kind", argument["kind"]), ("amount", argument["amount"]), ("expires_at", At(argument, "expires_at")))),
        "subscribe" => account.PutAsync(
            account.Path($"/subscriptions/{Id(argument, "id")}"), Of(("plan", argument["plan"]), ("amount", argument["amount"]), ("starts_at", At(argument, "starts_at")))),
        "cancel_subscription" => account.PostAsync(
            account.Path($"/subscriptions/{(argument is JsonObject ? Id(argument, "id") : account.Id(Text(argument)))}/cancel"), Of(("void_open", argument is JsonObject ? argument["void_open"] : null))),
        "charge" => account.PostAsync(account.Path("/charges"), Of(("description", argument["description"] ?? "work"), ("amount", argument["amount"]))),
        "method" => MethodAsync(argument),
        "remove_method" => account.DeleteAsync(account.Path($"/payment_methods/{account.Id(Text(argument))}")),
        "default_method" => account.PostAsync(account.Path($"/payment_methods/{account.Id(Text(argument))}/default")),
        "account" => account.PutAsync(account.Path(), argument.DeepClone().AsObject()),
        "tags" => account.PutAsync(account.Path(), Of(("tags", argument))),
        "controls" => account.PutAsync(account.Path("/controls"), argument.DeepClone().AsObject()),
        "extension" => account.PostAsync(account.Path("/extension"), Of(("until", At(argument, "until")), ("reason", argument["reason"] ?? "agreed"))),
        "end_extension" => account.DeleteAsync(account.Path("/extension")),
        "move" => account.PostAsync(account.Path("/episode/move"), Of(("policy", account.Policy), ("version", argument["version"]))),
        "bounced" => OnNoticeAsync(argument, "bounced", []),
        "attest" => OnNoticeAsync(argument, "attest", Of(("evidence", "a letter"))),
        "hold" => account.PutAsync(account.Path($"/holds/{Text(argument, "category")}"), Of(("deny", argument["deny"]), ("reason", argument["reason"] ?? "test"))),
        "release" => account.DeleteAsync(account.Path($"/holds/{Text(argument)}")),
        "resource" => account.PutAsync(
            account.Path($"/resources/{Id(argument, "id")}"), Of(("kind", argument["kind"] ?? "vm"), ("state", argument["state"] ?? "running"), ("depends_on", Ids(argument["depends_on"])))),
        "acknowledge" => AcknowledgeAsync(Text(argument)),
        "power_on" => account.PostAsync(account.Path($"/resources/{account.Id(Text(argument))}/power_on")),
        "policy" => account.PutPolicyAsync(ScenarioDocument.InSingleCents(argument)),
        _ => throw new ScenarioBroken($"there is no verb {verb}"),
    };

    private Task<Answer> IssueAsync(JsonNode invoice) => account.PutAsync(account.Path($"/invoices/{Id(invoice, "id")}"), Of(
        ("lines", invoice["lines"] ?? new JsonArray(Of(("description", "work"), ("amount", invoice["amount"])))),
        ("collection", invoice["collection"] ?? "automatic"),
        ("draft", invoice["draft"]),
        ("due_at", At(invoice, "due_at")),
        ("subscription", Id(invoice, "subscription"))));

    /// <summary>With a <c>key</c> of its own the call may be made again, with the same content and the script as far as it has come.</summary>
    private async Task<Answer> PayAsync(string path, JsonNode argument)
    {
        var key = Id(argument, "key");
        var body = Of(("wait_seconds", 5), ("payment_method", Id(argument, "method")));
        if (argument["one_off"] is { } oneOff)
        {
            var content = (key ?? account.Id($"one-off-{++_oneOffs}"), oneOff.ToJsonString());
            if (!_tokens.TryGetValue(content, out var token))
            {
                token = _tokens[content] = account.Id($"one-off-token-{_tokens.Count + 1}");
                await ScriptAsync(token, oneOff);
            }

            body["one_off"] = Of(("gateway", "sandbox"), ("token", token), ("kind", oneOff["kind"] ?? "card"));
        }

        return await account.PostAsync(path, body, key);
    }

    /// <summary>Put again under the same id, a method has the same token, unless the scenario names another; its script begins anew.</summary>
    private async Task<Answer> MethodAsync(JsonNode method)
    {
        var token = Id(method, "token") ?? account.Id($"tok-{Text(method, "id")}");
        await ScriptAsync(token, method);
        return await account.PutAsync(
            account.Path($"/payment_methods/{Id(method, "id")}"), Of(("gateway", "sandbox"), ("token", token), ("kind", method["kind"] ?? "card"), ("default", method["default"])));
    }

    private Task ScriptAsync(string token, JsonNode method) => account.MakeAsync($"/v1/sandbox/methods/{token}", Of(
        ("script", method["script"] ?? new JsonArray("ok")),
        ("fingerprint", Id(method, "fingerprint")),
        ("network", method["network"]),
        ("funding", method["funding"])));

    /// <summary>To money received under a reference, to a charge's payment, or to the last payment of an invoice.</summary>
    private async Task<Answer> OnPaymentAsync(JsonNode argument, string verb, JsonObject body) => await account.PostAsync($"/v1/payments/{await PaymentOfAsync(argument)}/{verb}", body);

    private async Task<string> PaymentOfAsync(JsonNode argument)
    {
        if (argument["charge"] is not null) return Text((await ChargeOfAsync(argument))["payment"]!);
        if (Id(argument, "reference") is { } reference)
        {
            var received = (await account.ListAsync(account.Path("/payments"))).FirstOrDefault(payment => (string?)payment["reference"] == reference);
            return received is null ? throw new ScenarioBroken($"nothing was received under {argument["reference"]}") : Text(received["id"]!);
        }

        var paid = (await account.GetAsync(account.Invoice(Text(argument, "invoice"))))["payments"]!.AsArray();
        var last = paid.LastOrDefault(part => (long)part!["amount"]! > 0);
        return last is null ? throw new ScenarioBroken($"{argument["invoice"]} has no payment") : Text(last["payment"]!);
    }

    /// <summary>To a charge by its place in the ledger, from 1, or to the last one of these statuses.</summary>
    private async Task<Answer> OnChargeAsync(JsonNode argument, string verb, params string[] statuses)
    {
        var charge = argument["charge"] is null
            ? (await account.ChargesAsync()).LastOrDefault(charge => statuses.Contains(Text(charge["status"]!), StringComparer.Ordinal)) ?? throw new ScenarioBroken($"there is no charge to {verb}")
            : await ChargeOfAsync(argument);
        return await account.PostAsync($"/v1/sandbox/charges/{Text(charge["id"]!)}/{verb}", Of(("outcome", argument["outcome"]), ("amount", argument["amount"])));
    }

    private async Task<JsonObject> ChargeOfAsync(JsonNode argument)
    {
        var (n, charges) = (argument["charge"]!.GetValue<int>(), await account.ChargesAsync());
        return n <= charges.Count ? charges[n - 1] : throw new ScenarioBroken($"there is no charge {n}");
    }

    private async Task<Answer> ResolveAsync(JsonNode argument)
    {
        var invoice = Id(argument, "invoice");
        var unknown = (await account.ListAsync(account.Path("/payments"))).FirstOrDefault(payment => (string?)payment["status"] == "unknown" && payment["invoices"]!.AsArray().Any(paid => (string?)paid == invoice))
            ?? throw new ScenarioBroken("no payment of the invoice is unknown");
        var outcome = Text(argument, "outcome") == "succeeded" ? "captured" : "not_captured";
        return await account.PostAsync($"/v1/payments/{Text(unknown["id"]!)}/resolve", Of(("outcome", outcome), ("evidence", "the gateway's own pages")));
    }

    /// <summary>To the newest notice of that name.</summary>
    private async Task<Answer> OnNoticeAsync(JsonNode name, string verb, JsonObject body)
    {
        var sent = (await account.EventsAsync()).LastOrDefault(e => (string?)e["type"] == "notice.sent" && (string?)e["data"]!["notice"] == Text(name)) ?? throw new ScenarioBroken($"no notice {name} was sent");
        return await account.PostAsync($"/v1/notices/{Text(sent["data"]!["id"]!)}/{verb}", body);
    }

    /// <summary>The order that is open; else the newest, of which someone hears too late.</summary>
    private async Task<Answer> AcknowledgeAsync(string resource)
    {
        var path = account.Path($"/resources/{account.Id(resource)}");
        var order = (string?)(await account.GetAsync(path))["order"]?["id"]
            ?? (string?)(await account.EventsAsync()).LastOrDefault(e => (string?)e["type"] == "resource.ordered" && (string?)e["data"]!["resource"] == account.Id(resource))?["data"]!["order"]
            ?? throw new ScenarioBroken($"resource {resource} has no order");
        return await account.PostAsync(path + "/acknowledge", Of(("order", order)));
    }

    private string? Id(JsonNode argument, string key) => (string?)argument[key] is { } told ? account.Id(told) : null;

    /// <summary>A list of ids, or a single one.</summary>
    private JsonArray? Ids(JsonNode? told) => told switch
    {
        null => null,
        JsonArray list => [.. list.Select(id => (JsonNode)account.Id(Text(id!)))],
        _ => [account.Id(Text(told))],
    };

    private string? At(JsonNode argument, string key) => argument[key] is { } told ? ScenarioAccount.Wire(account.At(told)) : null;

    /// <summary>A body; what is <see langword="null"/> is left out.</summary>
    private static JsonObject Of(params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        var body = new JsonObject();
        foreach (var (name, value) in fields)
        {
            if (value is not null) body[name] = value.Parent is null ? value : value.DeepClone();
        }

        return body;
    }

    private static string Text(JsonNode node) => node.GetValue<string>();

    private static string Text(JsonNode node, string key) => (string?)node[key] ?? throw new ScenarioBroken($"{node.ToJsonString()} has no {key}");
}
