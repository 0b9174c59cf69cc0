using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>Live and test accounts, and where the sandbox exists.</summary>
public sealed class LiveAndTestTests
{
    private const string Method = """{"gateway": "sandbox", "token": "tok", "kind": "card"}""";

    private static string Account(string more) => $$"""{"name": "n", "emails": ["a@example.com"], "currency": "USD", "policy": "cloudflare"{{more}}}""";

    [PostgresFact]
    public async Task Sandbox_ThatIsOff_DoesNotExist()
    {
        await using var app = await BillingApp.OnAsync("api_no_sandbox", "--Billing:Sandbox=false");
        (await app.PutAsync("/v1/test_clocks/c", """{"now": "2026-03-01T00:00:00Z"}""")).IsProblem(404, "not_found");
        (await app.GetAsync("/v1/sandbox/charges")).IsProblem(404, "not_found");
        (await app.PutAsync("/v1/sandbox/methods/t", "{}")).IsProblem(404, "not_found");
        (await app.PostAsync("/v1/webhooks/sandbox")).IsProblem(404, "not_found");
        Assert.Equal(["test_clock"], (await app.PutAsync("/v1/accounts/a", Account(""", "test_clock": "c" """))).IsProblem(422, "invalid_request").ErrorPaths);
        (await app.PutAsync("/v1/accounts/a", Account(""))).Succeeded();
        Assert.Equal(["gateway"], (await app.PutAsync("/v1/accounts/a/payment_methods/m", Method)).IsProblem(422, "invalid_request").ErrorPaths);
    }

    [PostgresFact]
    public async Task Production_KeepsLiveAccountsOffTheSandbox()
    {
        await using var app = await BillingApp.OnAsync("api_production", "--environment=Production", "--Billing:Sandbox=true");
        (await app.PutAsync("/v1/accounts/live", Account(""))).Succeeded();
        (await app.PutAsync("/v1/accounts/test", Account(""", "test": true"""))).Succeeded();

        Assert.Equal(["gateway"], (await app.PutAsync("/v1/accounts/live/payment_methods/m", Method)).IsProblem(422, "invalid_request").ErrorPaths);
        (await app.PutAsync("/v1/accounts/test/payment_methods/m", Method)).Succeeded();
        Assert.True((await app.GetAsync("/v1/accounts/test"))["test"].GetBoolean());
    }

    [PostgresFact]
    public async Task Development_LetsLiveAccountsTryTheSandbox_InRealTime()
    {
        await using var app = await BillingApp.OnAsync("api_development");
        (await app.PutAsync("/v1/accounts/live", Account(""))).Succeeded();
        (await app.PutAsync("/v1/accounts/live/payment_methods/m", Method)).Succeeded();
        (await app.PutAsync("/v1/accounts/live/invoices/live-1", """{"lines": [{"description": "d", "amount": 500}], "collection": "manual"}""")).Succeeded();
        Assert.Equal("succeeded", (await app.PostAsync("/v1/invoices/live-1/pay")).Succeeded()["status"].GetString());
        Assert.False((await app.GetAsync("/v1/accounts/live"))["test"].GetBoolean());
    }
}
