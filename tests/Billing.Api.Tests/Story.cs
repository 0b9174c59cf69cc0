using System.Text.Json;

namespace Billing.Api.Tests;

/// <summary>What most tests begin with: a test clock, an account on it, a card, an invoice. Ids are a test's own.</summary>
public sealed class Story(BillingApp app)
{
    private static int _count;

    public BillingApp App { get; } = app;

    public string Account { get; } = $"acct-{Interlocked.Increment(ref _count)}";

    public string Clock => Account + "-clock";

    public string Path => "/v1/accounts/" + Account;

    public static async Task<Story> BeginAsync(BillingApp app, string script = """["ok"]""")
    {
        var story = new Story(app);
        (await app.PutAsync($"/v1/test_clocks/{story.Clock}", """{"now": "2026-03-01T00:00:00Z"}""")).Succeeded();
        (await app.PutAsync(story.Path, $$"""{"name": "Tester", "emails": ["owner@example.com"], "currency": "USD", "policy": "cloudflare", "test_clock": "{{story.Clock}}"}""")).Succeeded();
        await story.CardAsync("card", script);
        return story;
    }

    /// <summary>Puts a card on file whose charges end as the script says.</summary>
    public async Task CardAsync(string name, string script)
    {
        var token = await TokenAsync(name, script);
        (await App.PutAsync($"{Path}/payment_methods/{name}", $$"""{"gateway": "sandbox", "token": "{{token}}", "kind": "card"}""")).Succeeded();
    }

    public async Task<string> TokenAsync(string name, string script)
    {
        var token = $"{Account}-tok-{name}";
        (await App.PutAsync($"/v1/sandbox/methods/{token}", $$"""{"script": {{script}}}""")).Succeeded();
        return token;
    }

    /// <summary>Issues an invoice that nobody charges automatically, and gives its id.</summary>
    public async Task<string> InvoiceAsync(string name = "I1", long amount = 2000, string collection = "manual")
    {
        var id = $"{Account}-{name}";
        (await App.PutAsync($"{Path}/invoices/{id}", $$"""{"lines": [{"description": "work", "amount": {{amount}}}], "collection": "{{collection}}"}""")).Succeeded();
        return id;
    }

    public async Task<Answer> AdvanceAsync(string to) => (await App.PostAsync($"/v1/test_clocks/{Clock}/advance", $$"""{"to": "{{to}}"}""")).Succeeded();

    /// <summary>Waits until everything due now has happened.</summary>
    public async Task QuietAsync() => await AdvanceAsync((await App.GetAsync("/v1/test_clocks/" + Clock))["now"].GetString()!);

    public async Task<JsonElement[]> ChargesAsync() => [.. (await App.GetAsync($"/v1/sandbox/charges?account={Account}&limit=200"))["data"].EnumerateArray()];
}
