using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Billing.Testing;
using Billing.Testing.Scenarios;

namespace Billing.Api.Tests;

/// <summary>The project's own scenarios over real HTTP, on PostgreSQL. What is asked for and what is expected is read from the same files as in memory.</summary>
public sealed class ScenarioTests(ScenarioApp app) : IClassFixture<ScenarioApp>
{
    public static TheoryData<string, string> OverHttp()
    {
        var data = new TheoryData<string, string>();
        foreach (var (file, scenario) in OwnScenarios.OverHttp) data.Add(file, scenario.Name);
        return data;
    }

    [PostgresTheory]
    [MemberData(nameof(OverHttp))]
    public Task Play_OverHttp_HoldsAtEveryStep(string file, string name) => app.PlayAsync(file, name);

    [PostgresFact]
    public async Task Play_AnswersThatDiffer_NamesTheStepAndEachOfThem()
    {
        var scenario = new ScenarioDocument(JsonNode.Parse("""
            {"name": "n", "start": "2026-03-01T00:00:00Z", "policy": {"standings": []}, "steps": [
                {"at": "+0d", "issue": {"id": "I1", "amount": 2000, "collection": "manual"}, "expect": {"amount_due": 2000, "timeline": []}},
                {"at": "+1d", "expect": {"amount_due": 1, "standing": "bad", "invoices": {"I1": {"status": "open", "due_at": "+1d"}}}}]}
            """)!.AsObject());
        var broken = await Assert.ThrowsAsync<ScenarioBroken>(() => app.PlayAsync(scenario));
        Assert.StartsWith("step 2 at +1d", broken.Message, StringComparison.Ordinal);
        Assert.EndsWith("amount_due: expected '1', got '2000'; standing: expected 'bad', got 'good'; I1.due_at: expected '2026-03-02T00:00:00Z', got '2026-03-01T00:00:00Z'", broken.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [InlineData("""{"at": "+0d", "pay": {"invoice": "I9"}}""", "pay answered 404")]
    [InlineData("""{"at": "+0d", "credit": {"kind": "promo", "amount": 1}, "refused": {"code": "too_many"}}""", "credit should be refused with")]
    [InlineData("""{"at": "+0d", "pay_all": {}, "refused": {"code": "payment_declined"}}""", "pay_all should be refused with")]
    [InlineData("""{"at": "+0d", "settle": {"outcome": "ok"}}""", "there is no charge to settle")]
    public async Task Play_AnotherAnswer_IsBroken(string step, string why)
    {
        var scenario = new ScenarioDocument(JsonNode.Parse($$"""{"name": "n", "start": "2026-03-01T00:00:00Z", "policy": {"standings": []}, "steps": [{{step}}]}""")!.AsObject());
        Assert.Contains(why, (await Assert.ThrowsAsync<ScenarioBroken>(() => app.PlayAsync(scenario))).Message, StringComparison.Ordinal);
    }

    /// <summary>Which scenarios are played follows from what they say, so a word without a call would take them away in silence.</summary>
    [Fact]
    public void Selection_IsNotSmallerThanItWas_AndHasSomeOfEachFile_AndEachWord()
    {
        var played = OwnScenarios.OverHttp.Select(own => own.Scenario).ToArray();
        Assert.True(played.Length >= 362, $"{played.Length} of {OwnScenarios.All.Length} scenarios are played over HTTP.");
        Assert.Equal(OwnScenarios.All.Select(own => own.File).Distinct(), OwnScenarios.OverHttp.Select(own => own.File).Distinct());
        Assert.Empty(HttpScenario.Words.Except(played.SelectMany(HttpScenario.WordsOf)));
    }
}

/// <summary>One service for all scenarios, which are played several at a time.</summary>
public sealed class ScenarioApp : PostgresApp
{
    /// <summary>How many are played beside the one that is asked for.</summary>
    private const int Ahead = 7;

    private readonly Lazy<Task>[] _played;
    private readonly Lazy<HttpClient> _http;

    public ScenarioApp()
    {
        _http = new(() => new HttpClient { BaseAddress = App.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", BillingApp.Key) } });
        _played = [.. OwnScenarios.OverHttp.Select(own => new Lazy<Task>(() => PlayAsync(own.Scenario)))];
    }

    public Task PlayAsync(ScenarioDocument scenario) => HttpScenario.PlayAsync(scenario, _http.Value);

    /// <summary>Plays it, and begins to play the next ones.</summary>
    public Task PlayAsync(string file, string name)
    {
        var at = OwnScenarios.OverHttp.IndexOf(OwnScenarios.OverHttp.Single(own => own.File == file && own.Scenario.Name == name));
        foreach (var next in _played.AsSpan(at, Math.Min(Ahead + 1, _played.Length - at))) _ = next.Value;
        return _played[at].Value;
    }
}
