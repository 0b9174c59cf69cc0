using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Billing.Testing.Http;
using NodaTime;
using NodaTime.Text;

namespace Billing.Testing.Scenarios;

/// <summary>The account of one scenario behind HTTP, with a clock, a policy and ids of its own, so that scenarios never meet.</summary>
internal sealed class ScenarioAccount
{
    /// <summary>What the account is called in scenarios, where an id is derived from its name.</summary>
    private const string Told = "acme";

    private readonly HttpClient _http;
    private readonly string _tag = "s" + RandomNumberGenerator.GetHexString(10, lowercase: true);
    private int _keys;

    public ScenarioAccount(HttpClient http, Instant start)
    {
        (_http, Start, Now) = (http, start, start);
        (Account, Clock, Policy) = (Id("acct"), Id("clock"), Id("policy"));
    }

    /// <summary>When the scenario begins.</summary>
    public Instant Start { get; }

    /// <summary>What the account's clock shows.</summary>
    public Instant Now { get; private set; }

    public string Account { get; }

    public string Clock { get; }

    /// <summary>The policy that the account follows: its own, or a shipped one.</summary>
    public string Policy { get; init; }

    /// <summary>The scenario's id of something, as nobody else has it.</summary>
    public string Id(string told) => told.StartsWith(Told + "~", StringComparison.Ordinal) ? Account + told[Told.Length..] : $"{_tag}-{told}";

    /// <summary>What the scenario calls it.</summary>
    public string Name(string id) => id.StartsWith(Account + "~", StringComparison.Ordinal) ? Told + id[Account.Length..] : id[(_tag.Length + 1)..];

    /// <summary>An instant of the scenario.</summary>
    public Instant At(JsonNode told) => Days.Parse(told.GetValue<string>(), Start);

    /// <summary>An instant as the API takes it.</summary>
    public static string Wire(Instant instant) => InstantPattern.ExtendedIso.Format(instant);

    /// <summary>A path below the account's.</summary>
    public string Path(string tail = "") => $"/v1/accounts/{Account}{tail}";

    public string Invoice(string name, string tail = "") => $"/v1/invoices/{Id(name)}{tail}";

    public Task<Answer> PutAsync(string path, JsonObject body) => SendAsync(HttpMethod.Put, path, body);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, body: null);

    /// <summary>Each call with a key of its own, unless one is given.</summary>
    public Task<Answer> PostAsync(string path, JsonObject? body = null, string? key = null) =>
        SendAsync(HttpMethod.Post, path, body ?? [], key ?? Id(string.Create(CultureInfo.InvariantCulture, $"key-{++_keys}")));

    /// <summary>Reads what has to be there.</summary>
    public async Task<JsonObject> GetAsync(string path) => Done($"GET {path}", await SendAsync(HttpMethod.Get, path, body: null));

    /// <summary>Puts a document in force as the account's own policy.</summary>
    public Task<Answer> PutPolicyAsync(JsonObject document)
    {
        document["id"] = Policy;
        return PutAsync($"/v1/policies/{Policy}", document);
    }

    /// <summary>Makes what has to be made.</summary>
    public async Task MakeAsync(string path, JsonObject body) => Done($"PUT {path}", await PutAsync(path, body));

    /// <summary>Reads every page of a list.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path)
    {
        List<JsonObject> found = [];
        var page = $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=200";
        for (string? after = ""; after is not null;)
        {
            var read = await GetAsync(after.Length == 0 ? page : $"{page}&after={Uri.EscapeDataString(after)}");
            found.AddRange(read["data"]!.AsArray().Select(item => item!.AsObject()));
            after = (string?)read["next"];
        }

        return found;
    }

    /// <summary>The rows of the gateway's own ledger, oldest first.</summary>
    public Task<IReadOnlyList<JsonObject>> ChargesAsync() => ListAsync($"/v1/sandbox/charges?account={Account}");

    /// <summary>What happened to the account, oldest first.</summary>
    public Task<IReadOnlyList<JsonObject>> EventsAsync() => ListAsync($"/v1/events?account={Account}");

    /// <summary>Goes on to an instant, or stays; everything due by then has happened.</summary>
    public async Task AdvanceAsync(Instant to)
    {
        Now = Instant.Max(to, Now);
        var path = $"/v1/test_clocks/{Clock}";
        var clock = Done("advance", await PostAsync(path + "/advance", new JsonObject { ["to"] = Wire(Now) }));
        if ((string?)clock["status"] == "advancing") await Eventually.GetAsync("the clock is quiet", async () => (string?)(await GetAsync(path))["status"] == "ready" ? clock : null);
    }

    private static JsonObject Done(string call, Answer answer) => answer.IsDone ? answer.Body : throw new ScenarioBroken($"{call} answered {answer}");

    private async Task<Answer> SendAsync(HttpMethod method, string path, JsonObject? body, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer((int)response.StatusCode, text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject());
    }
}
