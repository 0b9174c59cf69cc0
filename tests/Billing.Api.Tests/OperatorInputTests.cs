using System.Text.Json;
using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>What is read from the calls about money, credit, subscriptions, resources and holds: every wrong field at once, unknown ones and wrong types included.</summary>
public sealed class OperatorInputTests(PostgresApp postgres) : IClassFixture<PostgresApp>
{
    private BillingApp App => postgres.App;

    /// <summary>Method, path below the account, body, and the paths of the errors.</summary>
    public static TheoryData<string, string, string, string> OfAccounts => new()
    {
        { "POST", "/payments", "{}", "amount,reference" },
        { "POST", "/payments", """{"amount": 0, "reference": "a~b", "invoice": "no such", "received_at": "2026-03-01T00:00:01Z", "x": 1}""", "amount,reference,invoice,received_at,x" },
        { "POST", "/payments", """{"amount": "5", "reference": "wire 5", "invoice": 7, "received_at": "yesterday"}""", "amount,reference,invoice,received_at" },
        { "POST", "/payments", """{"amount": 1000000000001, "reference": "ü"}""", "amount,reference" },
        { "POST", "/credits", "{}", "kind,amount" },
        { "POST", "/credits", """{"kind": "gift", "amount": 1.5, "expires_at": 5, "y": null}""", "kind,amount,expires_at,y" },
        { "POST", "/credits", """{"kind": "prepayment", "amount": 5, "expires_at": "2027-01-01T00:00:00Z"}""", "expires_at" },
        { "POST", "/credits", """{"kind": "promo", "amount": 5, "expires_at": "2026-03-01T00:00:00Z"}""", "expires_at" },
        { "POST", "/credits/refund", """{"amount": 0, "kind": "promo"}""", "amount,kind" },
        { "PUT", "/subscriptions/s1", "{}", "plan,amount" },
        { "PUT", "/subscriptions/s1", """{"plan": null, "amount": -1, "starts_at": "2026-02-28T23:59:59Z", "z": {}}""", "plan,amount,starts_at,z" },
        { "PUT", "/subscriptions/s1", """{"plan": 7, "amount": "20"}""", "plan,amount" },
        { "PUT", "/subscriptions/s~1", """{"plan": "pro", "amount": 2000}""", "subscription" },
        { "POST", "/subscriptions/s1/cancel", """{"void_open": "yes", "at": 1}""", "void_open,at" },
        { "POST", "/charges", """{"description": " ", "amount": 0, "currency": "USD"}""", "description,amount,currency" },
        { "PUT", "/holds/nonpayment", """{"deny": "*", "reason": "r"}""", "category" },
        { "PUT", "/holds/fraud", "{}", "deny,reason" },
        { "PUT", "/holds/fraud", """{"deny": "purchase", "reason": 5, "since": 1}""", "deny,reason,since" },
        { "PUT", "/holds/fraud", """{"deny": ["purchase", "purchase", "Login", 5, "no.such"], "reason": "r"}""", "deny[1],deny[2],deny[3],deny[4]" },
        { "PUT", "/holds/fraud", """{"deny": [], "reason": "r"}""", "deny" },
        { "PUT", "/controls", """{"enforcement_off": 1, "auto_pay_off": "no", "off": true}""", "enforcement_off,auto_pay_off,off" },
        { "POST", "/extension", """{"until": "soon", "days": 3}""", "until,reason,days" },
        { "POST", "/extension", """{"until": "2026-03-01T00:00:00Z", "reason": "r"}""", "until" },
        { "POST", "/episode/move", """{"policy": "nothing", "version": "2", "p": 1}""", "policy,version,p" },
        { "POST", "/episode/move", """{"policy": "cloudflare", "version": 99}""", "version" },
        { "PUT", "/resources/r1", "{}", "kind" },
        { "PUT", "/resources/r1", """{"kind": "", "state": "stopping", "depends_on": ["r1", "v1", "v1", "~", 5], "order": 1}""", "kind,state,depends_on[0],depends_on[2],depends_on[3],depends_on[4],order" },
        { "PUT", "/resources/r1", """{"kind": "vm", "depends_on": "v1"}""", "depends_on" },
        { "POST", "/resources/r1/acknowledge", """{"order": 1, "done": true}""", "order,done" },
        { "POST", "/resources/r1/power_on", """{"force": true}""", "force" },
        { "PUT", "/invoices/i1", """{"lines": [{"description": "a", "amount": 1}], "subscription": "none"}""", "subscription" },
    };

    [PostgresTheory]
    [MemberData(nameof(OfAccounts))]
    public async Task Call_WithWrongFields_NamesEach(string method, string path, string body, string paths)
    {
        var story = await Story.BeginAsync(App);
        AssertErrors(paths, await App.SendAsync(method, story.Path + path, body));
    }

    [PostgresTheory]
    [InlineData("/extension", """{"until": "2026-03-01T06:00:00Z", "reason": "r"}""")]
    [InlineData("/credits", """{"kind": "promo", "amount": 5, "expires_at": "2026-03-01T06:00:00Z"}""")]
    public async Task Call_AgainWhenItsInstantHasPassed_IsReplayed(string path, string body)
    {
        var story = await Story.BeginAsync(App);
        (await App.PostAsync(story.Path + path, body, "once")).Succeeded();
        await story.AdvanceAsync("2026-03-01T12:00:00Z");

        Assert.Equal("true", (await App.PostAsync(story.Path + path, body, "once")).Succeeded().Headers["Idempotent-Replayed"]);
        (await App.PostAsync(story.Path + path, body, "anew")).IsProblem(422, "invalid_request");
    }

    [PostgresTheory]
    [InlineData("adjust", "{}", "amount,reason")]
    [InlineData("adjust", """{"amount": 0, "reason": "", "note": 1}""", "amount,reason,note")]
    [InlineData("write_off", """{"reason": "r"}""", "reason")]
    [InlineData("undo_write_off", "[]", "")]
    [InlineData("void", """{"reason": "r"}""", "reason")]
    public async Task ChangeOfInvoice_WithWrongFields_NamesEach(string verb, string body, string paths)
    {
        var invoice = await (await Story.BeginAsync(App)).InvoiceAsync();
        AssertErrors(paths, await App.PostAsync($"/v1/invoices/{invoice}/{verb}", body));
    }

    [PostgresTheory]
    [InlineData("refund", """{"amount": 0, "invoice": "a b", "reopen": 1, "reference": "", "to": 1}""", "amount,invoice,reopen,reference,to")]
    [InlineData("reverse", """{"amount": "all"}""", "amount,reason")]
    [InlineData("resolve", """{"outcome": "succeeded", "proof": 1}""", "outcome,evidence,proof")]
    public async Task ChangeOfPayment_WithWrongFields_NamesEach(string verb, string body, string paths)
    {
        var invoice = await (await Story.BeginAsync(App)).InvoiceAsync();
        var payment = (await App.PostAsync($"/v1/invoices/{invoice}/pay")).Succeeded()["id"].GetString();
        AssertErrors(paths, await App.PostAsync($"/v1/payments/{payment}/{verb}", body));
    }

    [PostgresTheory]
    [InlineData("/v1/notices/n~notice~1/attest", "{}", "evidence")]
    [InlineData("/v1/notices/n~notice~1/bounced", """{"evidence": 1}""", "evidence")]
    [InlineData("/v1/attention/account!a!e/resolve", """{"note": 1}""", "note")]
    public async Task OtherCall_WithWrongFields_NamesEach(string path, string body, string paths) => AssertErrors(paths, await App.PostAsync(path, body));

    [PostgresTheory]
    [InlineData("/credits", """{"kind": "promo", "amount": "5"}""", "amount")]
    [InlineData("/credits/refund", "{}", "amount")]
    [InlineData("/charges", """{"description": "d", "amount": 0}""", "amount")]
    public async Task CallThatMovesMoney_WithoutAKey_NamesItBesideTheFields(string path, string body, string paths)
    {
        var story = await Story.BeginAsync(App);
        AssertErrors(paths + ",Idempotency-Key", await App.SendAsync("POST", story.Path + path, body, idempotencyKey: ""));
    }

    [PostgresTheory]
    [InlineData("refund", "{}")]
    [InlineData("reverse", """{"reason": "r"}""")]
    [InlineData("resolve", """{"outcome": "captured", "evidence": "e"}""")]
    public async Task ChangeOfPayment_WithoutAKey_IsRefused(string verb, string body) =>
        AssertErrors("Idempotency-Key", await App.SendAsync("POST", $"/v1/payments/none/{verb}", body, idempotencyKey: ""));

    [PostgresTheory]
    [InlineData("""["no.such", "purchase"]""", "deny[0]")]
    [InlineData("""["*", "no_such"]""", "deny[1]")]
    public async Task Hold_OfAnOperationThatNobodyKnows_SaysSo(string deny, string paths)
    {
        var story = await Story.BeginAsync(App);
        var answer = (await App.PutAsync(story.Path + "/holds/manual", $$"""{"deny": {{deny}}, "reason": "r"}""")).IsProblem(422, "operation_unknown");
        Assert.Equal(paths.Split(','), answer.ErrorPaths);
    }

    [PostgresTheory]
    [InlineData("GET", "/v1/accounts/none/credits")]
    [InlineData("GET", "/v1/accounts/none/subscriptions")]
    [InlineData("GET", "/v1/accounts/none/resources")]
    [InlineData("GET", "/v1/accounts/none/statement")]
    [InlineData("GET", "/v1/accounts/none/subscriptions/s")]
    [InlineData("GET", "/v1/accounts/none/resources/r")]
    [InlineData("DELETE", "/v1/accounts/none/holds/fraud")]
    [InlineData("DELETE", "/v1/accounts/none/holds/nonpayment")]
    [InlineData("DELETE", "/v1/accounts/none/extension")]
    [InlineData("PUT", "/v1/accounts/none/controls")]
    [InlineData("POST", "/v1/accounts/none/resources/r/power_on")]
    [InlineData("POST", "/v1/accounts/none/subscriptions/s/cancel")]
    [InlineData("POST", "/v1/invoices/none/write_off")]
    [InlineData("POST", "/v1/invoices/a%20b/undo_write_off")]
    [InlineData("POST", "/v1/payments/none/refund")]
    [InlineData("GET", "/v1/refunds/none")]
    [InlineData("GET", "/v1/refunds/none~refund~1")]
    [InlineData("GET", "/v1/refunds/~refund~1")]
    [InlineData("POST", "/v1/notices/none/bounced")]
    [InlineData("POST", "/v1/notices/~/bounced")]
    [InlineData("POST", "/v1/attention/none/resolve")]
    [InlineData("POST", "/v1/attention/account!none!e/resolve")]
    [InlineData("POST", "/v1/attention/payment!none~0!e/resolve")]
    [InlineData("POST", "/v1/attention/policy!cloudflare!e/resolve")]
    [InlineData("GET", "/v1/reports/aging?test_clock=none")]
    public async Task Call_AboutNothing_IsNotFound(string method, string path) =>
        (await App.SendAsync(method, path, method == "GET" ? null : "{}")).IsProblem(404, "not_found");

    [PostgresTheory]
    [InlineData("/v1/attention?after=x", "after")]
    [InlineData("/v1/attention?after=1.x", "after")]
    [InlineData("/v1/attention?after=x.1", "after")]
    [InlineData("/v1/attention?kind=a&limit=0", "kind,limit")]
    [InlineData("/v1/reports/aging?at=now", "at")]
    public async Task List_WithWrongQuery_NamesEach(string path, string paths) => AssertErrors(paths, await App.GetAsync(path));

    [PostgresFact]
    public async Task ListOfAccount_WithWrongCursor_IsRefused()
    {
        var story = await Story.BeginAsync(App);
        foreach (var list in new[] { "subscriptions", "resources", "statement" }) AssertErrors("after", await App.GetAsync($"{story.Path}/{list}?after=none"));
    }

    [PostgresFact]
    public async Task NewAccount_HasNothing()
    {
        var story = await Story.BeginAsync(App);

        var account = (await App.GetAsync(story.Path)).Succeeded();
        Assert.Equal((0, 0), (account["credit"].GetProperty("prepayment").GetInt64(), account["credit"].GetProperty("promo").GetInt64()));
        Assert.Equal((0, JsonValueKind.Null), (account["holds"].GetArrayLength(), account["extension"].ValueKind));
        Assert.Equal((false, false), (account["controls"].GetProperty("enforcement_off").GetBoolean(), account["controls"].GetProperty("auto_pay_off").GetBoolean()));
        Assert.Equal(0, (await App.GetAsync(story.Path + "/credits")).Succeeded()["lots"].GetArrayLength());
        foreach (var list in new[] { "/subscriptions", "/resources", "/statement", "/timeline" }) Assert.Equal(0, (await App.GetAsync(story.Path + list)).Succeeded()["data"].GetArrayLength());
        Assert.Equal(0, (await App.GetAsync("/v1/attention")).Succeeded()["data"].GetArrayLength());
    }

    [PostgresFact]
    public async Task Invoice_ThatIsClosed_SaysHow()
    {
        var story = await Story.BeginAsync(App);
        var (draft, withdrawn, paid) = ($"{story.Account}-D", await story.InvoiceAsync("V"), await story.InvoiceAsync("P"));
        (await App.PutAsync($"{story.Path}/invoices/{draft}", """{"lines": [{"description": "work", "amount": 5}], "draft": true}""")).Succeeded();
        (await App.PostAsync($"/v1/invoices/{withdrawn}/void", key: "void")).Succeeded();
        (await App.PostAsync($"/v1/invoices/{paid}/pay")).Succeeded();

        foreach (var (invoice, detail) in new[] { (draft, "It is not issued yet. A draft has to be finalized; one that is on its way is open in a moment."), (withdrawn, "It is void."), (paid, "It is paid.") })
        {
            foreach (var verb in new[] { "void", "pay" }) Assert.Equal(detail, (await App.PostAsync($"/v1/invoices/{invoice}/{verb}")).IsProblem(409, "invoice_not_payable")["detail"].GetString());
        }

        Assert.Equal("void", (await App.PostAsync($"/v1/invoices/{withdrawn}/void", key: "void")).Succeeded()["status"].GetString());
    }

    private static void AssertErrors(string paths, Answer answer) =>
        Assert.Equal(paths.Split(',').Order(StringComparer.Ordinal), answer.IsProblem(422, "invalid_request").ErrorPaths.Order(StringComparer.Ordinal));
}
