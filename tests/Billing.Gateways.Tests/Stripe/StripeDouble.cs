using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Billing.Gateways.Tests.Stripe;

/// <summary>What the double does to a request instead of what it should.</summary>
internal enum Vice
{
    /// <summary>429, with a Retry-After of 7 seconds.</summary>
    TooMany,

    /// <summary>500 before anything is done, stored under the key and replayed.</summary>
    Fails,

    /// <summary>It does it, answers 500, and stores that under the key.</summary>
    FailsAfter,

    /// <summary>409: a request with this key is under way.</summary>
    InUse,

    /// <summary>It does nothing, and the connection breaks.</summary>
    Breaks,

    /// <summary>It does it, and the connection breaks.</summary>
    BreaksAfter,

    /// <summary>It answers with an object of the other mode.</summary>
    OtherMode,
}

/// <summary>One request, as it came.</summary>
internal sealed record Seen(string Method, string Path, string? Key, string? Version, string? Authorization, IReadOnlyDictionary<string, string> Form);

/// <summary>
/// Stripe's documented answers and vices, over real HTTP on loopback: keys that are forgotten after 24 hours, stored errors that
/// are replayed, lists that lag, money that moves although the answer is lost.
/// </summary>
internal sealed class StripeDouble(TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan KeyLife = TimeSpan.FromHours(24);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (DateTimeOffset At, int Status, string Body)> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> _intents = new(StringComparer.Ordinal);
    private readonly Queue<(string Ending, Vice Vice)> _vices = [];
    private WebApplication? _app;
    private int _ids;

    public List<JsonObject> Charges { get; } = [];

    public List<JsonObject> Refunds { get; } = [];

    public List<JsonObject> Disputes { get; } = [];

    public ConcurrentQueue<Seen> Requests { get; } = new();

    /// <summary>How long a list does not show what is new.</summary>
    public TimeSpan ListLag { get; set; }

    public Uri Url { get; private set; } = null!;

    public IReadOnlyDictionary<string, JsonObject> Intents => _intents;

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(TakeAsync);
        await _app.StartAsync();
        Url = new Uri(_app.Urls.First());
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
    }

    /// <summary>The next request whose path ends so meets a vice.</summary>
    public void Next(string ending, Vice vice) => _vices.Enqueue((ending, vice));

    /// <summary>The customer answers the challenge.</summary>
    public void Answer(string intent)
    {
        lock (_lock) Capture(_intents[intent]);
    }

    /// <summary>Somebody sends money back on Stripe's pages.</summary>
    public void RefundByHand(string intent, long amount) => Refund(new Dictionary<string, string>(StringComparer.Ordinal) { ["payment_intent"] = intent, ["amount"] = amount.ToString(CultureInfo.InvariantCulture) });

    /// <summary>A bank debit that was pending is captured: its charge is as old as its intent.</summary>
    public void SettleDebit(string intent)
    {
        lock (_lock) Capture(_intents[intent], _intents[intent]["created"]!.GetValue<long>(), "sepa_debit");
    }

    public void Dispute(string intent, string status) => Disputes.Add(new JsonObject
    {
        ["object"] = "dispute", ["id"] = NextId("dp"), ["payment_intent"] = intent, ["amount"] = _intents[intent]["amount"]!.GetValue<long>(), ["currency"] = _intents[intent]["currency"]!.GetValue<string>(),
        ["status"] = status, ["livemode"] = true, ["created"] = Now, ["metadata"] = new JsonObject(),
    });

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    private async Task TakeAsync(HttpContext http)
    {
        var form = http.Request.HasFormContentType ? (await http.Request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.Ordinal) : [];
        var path = http.Request.Path.Value!;
        var key = http.Request.Headers["Idempotency-Key"].FirstOrDefault();
        Requests.Enqueue(new Seen(http.Request.Method, path, key, http.Request.Headers["Stripe-Version"], http.Request.Headers.Authorization, form));
        int status;
        string body;
        Vice? vice;
        lock (_lock)
        {
            vice = _vices.TryPeek(out var next) && path.EndsWith(next.Ending, StringComparison.Ordinal) ? _vices.Dequeue().Vice : null;
            (status, body) = Decide(http, path, key, form, vice);
        }

        if (vice is Vice.Breaks or Vice.BreaksAfter)
        {
            http.Abort();
            return;
        }

        if (vice == Vice.TooMany) http.Response.Headers.RetryAfter = "7";
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(body);
    }

    private (int Status, string Body) Decide(HttpContext http, string path, string? key, Dictionary<string, string> form, Vice? vice)
    {
        if (key is not null && _keys.TryGetValue(key, out var stored) && time.GetUtcNow() - stored.At < KeyLife) return (stored.Status, stored.Body);
        var (status, body) = vice switch
        {
            Vice.TooMany => (429, Error("rate_limit_error", "rate_limit")),
            Vice.Fails => (500, Error("api_error", null)),
            Vice.InUse => (409, Error("idempotency_error", "idempotency_key_in_use")),
            Vice.Breaks => (500, new JsonObject()),
            _ => Answer(http, path, form),
        };
        if (vice == Vice.FailsAfter) (status, body) = (500, Error("api_error", null));
        if (vice == Vice.OtherMode) (body = (JsonObject)body.DeepClone())["livemode"] = false;
        var text = body.ToJsonString();
        // What did not begin, or conflicts with another, is not stored.
        if (key is not null && vice is not (Vice.TooMany or Vice.InUse or Vice.Breaks)) _keys[key] = (time.GetUtcNow(), status, text);
        return (status, text);
    }

    private (int Status, JsonObject Body) Answer(HttpContext http, string path, Dictionary<string, string> form)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (http.Request.Method, parts) switch
        {
            ("POST", ["v1", "payment_intents"]) => Create(form),
            ("GET", ["v1", "payment_intents", var id]) => _intents.TryGetValue(id, out var intent) ? (200, intent) : Missing("intent"),
            ("POST", ["v1", "payment_intents", var id, "confirm"]) => Confirm(_intents[id], form),
            ("POST", ["v1", "payment_intents", var id, "cancel"]) => Cancel(_intents[id], form),
            ("POST", ["v1", "refunds"]) => Refund(form),
            ("GET", ["v1", "refunds"]) => (200, List(http, Refunds)),
            ("GET", ["v1", "charges"]) => (200, List(http, Charges)),
            ("GET", ["v1", "disputes"]) => (200, List(http, Disputes)),
            ("GET", ["v1", "payment_methods", var id]) when !id.Contains("gone", StringComparison.Ordinal) => (200, new JsonObject
            {
                ["object"] = "payment_method", ["id"] = id, ["type"] = "card", ["customer"] = "cus_1", ["livemode"] = true,
                ["card"] = new JsonObject { ["brand"] = "visa", ["last4"] = "4242", ["fingerprint"] = "fp_" + id, ["funding"] = "credit" },
            }),
            _ => Missing("payment_method"),
        };
    }

    private (int, JsonObject) Create(Dictionary<string, string> form)
    {
        if (form["payment_method"].Contains("gone", StringComparison.Ordinal)) return Missing("payment_method");
        var intent = new JsonObject
        {
            ["object"] = "payment_intent", ["id"] = NextId("pi"), ["status"] = "requires_confirmation", ["amount"] = long.Parse(form["amount"], CultureInfo.InvariantCulture), ["amount_received"] = 0L,
            ["currency"] = form["currency"], ["payment_method"] = form["payment_method"], ["livemode"] = true, ["created"] = Now, ["metadata"] = MetadataOf(form),
        };
        _intents.Add(intent["id"]!.GetValue<string>(), intent);
        return (200, intent);
    }

    /// <summary>The method's id says what becomes of it: <c>pm_ok</c>, <c>pm_decline_stolen_card</c>, <c>pm_advised</c>, <c>pm_challenge</c>, <c>pm_slow</c>.</summary>
    private (int, JsonObject) Confirm(JsonObject intent, Dictionary<string, string> form)
    {
        if (intent["status"]!.GetValue<string>() != "requires_confirmation") return Unexpected(intent);
        var method = intent["payment_method"]!.GetValue<string>();
        if (method.StartsWith("pm_decline_", StringComparison.Ordinal)) return Fail(intent, method["pm_decline_".Length..], null);
        if (method == "pm_advised") return Fail(intent, "insufficient_funds", "do_not_try_again");
        if (method == "pm_challenge" && form.ContainsKey("off_session")) return Fail(intent, "authentication_required", null);
        if (method == "pm_challenge")
        {
            intent["status"] = "requires_action";
            intent["next_action"] = new JsonObject { ["type"] = "redirect_to_url", ["redirect_to_url"] = new JsonObject { ["url"] = "https://hooks.stripe.test/3ds", ["return_url"] = form.GetValueOrDefault("return_url") } };
            return (200, intent);
        }

        if (method == "pm_slow") intent["status"] = "processing";
        else Capture(intent);
        return (200, intent);
    }

    private static (int, JsonObject) Fail(JsonObject intent, string code, string? advice)
    {
        var isChallenge = code == "authentication_required";
        var error = new JsonObject { ["type"] = "card_error", ["code"] = isChallenge ? code : "card_declined", ["decline_code"] = code };
        if (advice is not null) error["advice_code"] = advice;
        intent["status"] = "requires_payment_method";
        intent["last_payment_error"] = error.DeepClone();
        error["payment_intent"] = intent.DeepClone();
        return (402, new JsonObject { ["error"] = error });
    }

    private static (int, JsonObject) Cancel(JsonObject intent, Dictionary<string, string> form)
    {
        if (intent["status"]!.GetValue<string>() is "succeeded" or "processing" or "canceled") return Unexpected(intent);
        intent["status"] = "canceled";
        intent["cancellation_reason"] = form.GetValueOrDefault("cancellation_reason");
        return (200, intent);
    }

    private (int, JsonObject) Refund(Dictionary<string, string> form)
    {
        var amount = long.Parse(form["amount"], CultureInfo.InvariantCulture);
        var intent = form["payment_intent"];
        var left = Charges.Where(charge => charge["payment_intent"]!.GetValue<string>() == intent).Sum(charge => charge["amount_captured"]!.GetValue<long>())
            - Refunds.Where(refund => refund["payment_intent"]!.GetValue<string>() == intent).Sum(refund => refund["amount"]!.GetValue<long>());
        if (amount > left) return (400, Error("invalid_request_error", "charge_already_refunded"));
        var made = new JsonObject
        {
            ["object"] = "refund", ["id"] = NextId("re"), ["payment_intent"] = intent, ["amount"] = amount, ["currency"] = _intents[intent]["currency"]!.GetValue<string>(), ["status"] = "succeeded", ["created"] = Now, ["metadata"] = MetadataOf(form),
        };
        Refunds.Add(made);
        return (200, made);
    }

    private void Capture(JsonObject intent) => Capture(intent, Now, "card");

    private void Capture(JsonObject intent, long created, string type)
    {
        intent["status"] = "succeeded";
        intent["amount_received"] = intent["amount"]!.GetValue<long>();
        intent.Remove("next_action");
        var charge = new JsonObject
        {
            ["object"] = "charge", ["id"] = NextId("ch"), ["payment_intent"] = intent["id"]!.GetValue<string>(), ["amount_captured"] = intent["amount"]!.GetValue<long>(), ["captured"] = true, ["status"] = "succeeded",
            ["currency"] = intent["currency"]!.GetValue<string>(), ["livemode"] = true, ["created"] = created, ["metadata"] = intent["metadata"]!.DeepClone(),
            ["payment_method_details"] = new JsonObject { ["type"] = type },
        };
        Charges.Add(charge);
        intent["latest_charge"] = charge.DeepClone();
    }

    private JsonObject List(HttpContext http, List<JsonObject> all)
    {
        var query = http.Request.Query;
        var from = long.TryParse(query["created[gte]"], CultureInfo.InvariantCulture, out var since) ? since : 0;
        var seen = all.Where(item => item["created"]!.GetValue<long>() >= from && item["created"]!.GetValue<long>() <= Now - (long)ListLag.TotalSeconds).Reverse();
        if (query["payment_intent"].FirstOrDefault() is { } intent) seen = seen.Where(item => item["payment_intent"]!.GetValue<string>() == intent);
        if (query["starting_after"].FirstOrDefault() is { } after) seen = seen.SkipWhile(item => item["id"]!.GetValue<string>() != after).Skip(1);
        var items = seen.ToArray();
        var limit = int.Parse(query["limit"].FirstOrDefault() ?? "10", CultureInfo.InvariantCulture);
        return new JsonObject { ["object"] = "list", ["has_more"] = items.Length > limit, ["data"] = new JsonArray([.. items.Take(limit).Select(item => item.DeepClone())]) };
    }

    private static JsonObject MetadataOf(Dictionary<string, string> form) =>
        new(form.Where(field => field.Key.StartsWith("metadata[", StringComparison.Ordinal)).Select(field => KeyValuePair.Create(field.Key["metadata[".Length..^1], (JsonNode?)field.Value)));

    private static (int, JsonObject) Missing(string what) => (404, new JsonObject { ["error"] = new JsonObject { ["type"] = "invalid_request_error", ["code"] = "resource_missing", ["param"] = what } });

    private static (int, JsonObject) Unexpected(JsonObject intent) => (400, new JsonObject
    {
        ["error"] = new JsonObject { ["type"] = "invalid_request_error", ["code"] = "payment_intent_unexpected_state", ["payment_intent"] = intent.DeepClone() },
    });

    private static JsonObject Error(string type, string? code) => new() { ["error"] = new JsonObject { ["type"] = type, ["code"] = code } };

    private string NextId(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}_{++_ids}");
}
