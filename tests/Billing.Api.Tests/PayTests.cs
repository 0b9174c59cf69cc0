using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>Paying by hand: what is answered, and what the same key answers again.</summary>
public sealed class PayTests(PostgresApp postgres) : IClassFixture<PostgresApp>
{
    private BillingApp App => postgres.App;

    [PostgresFact]
    public async Task Pay_OfAnInvoice_IsWrittenEverywhereWhenAnswered()
    {
        var story = await Story.BeginAsync(App);
        var invoice = await story.InvoiceAsync();

        var payment = (await App.PostAsync($"/v1/invoices/{invoice}/pay", """{"payment_method": "card"}""")).Succeeded();

        Assert.Equal(200, (int)payment.Status);
        Assert.Equal(("succeeded", 2000L), (payment["status"].GetString(), payment["captured"].GetInt64()));
        var shown = await App.GetAsync("/v1/invoices/" + invoice);
        Assert.Equal(("paid", 0L, 2000L), (shown["status"].GetString(), shown["amount_due"].GetInt64(), shown["amount_paid"].GetInt64()));
        Assert.Equal(payment["id"].GetString(), shown["payments"][0].GetProperty("payment").GetString());
        var gate = await App.GetAsync($"{story.Path}/gate?operation=purchase&min_version={payment["standing_version"].GetInt64()}");
        Assert.True(gate.Succeeded()["allowed"].GetBoolean());
        Assert.Equal(0, (await App.GetAsync(story.Path))["amount_due"].GetInt64());
        Assert.DoesNotContain("tok-", payment.Text, StringComparison.Ordinal);
        Assert.Equal(payment["id"].GetString(), (await App.GetAsync($"{story.Path}/payments"))["data"][0].GetProperty("id").GetString());
    }

    [PostgresFact]
    public async Task Pay_Again_WithTheSameKey_ShowsTheFirstPayment()
    {
        var story = await Story.BeginAsync(App);
        var path = $"/v1/invoices/{await story.InvoiceAsync()}/pay";

        var first = (await App.PostAsync(path, """{"payment_method": "card"}""", "once")).Succeeded();
        var again = (await App.PostAsync(path, """{"payment_method": "card", "wait_seconds": 1}""", "once")).Succeeded();

        Assert.False(first.Headers.ContainsKey("Idempotent-Replayed"));
        Assert.Equal("true", again.Headers["Idempotent-Replayed"]);
        Assert.Equal(first.Text, again.Text);
        (await App.PostAsync(path, "{}", "once")).IsProblem(422, "idempotency_mismatch");
        (await App.PostAsync(path, "{}", "another")).IsProblem(409, "invoice_not_payable");
        Assert.Single(await story.ChargesAsync());
    }

    [PostgresFact]
    public async Task Pay_WithTheSameKeyAtOnce_ChargesOnce()
    {
        var story = await Story.BeginAsync(App);
        var path = $"/v1/invoices/{await story.InvoiceAsync()}/pay";

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => App.PostAsync(path, "{}", "same")));

        Assert.All(answers, answer => answer.Succeeded());
        Assert.Single(answers.Select(answer => answer["id"].GetString()).Distinct(StringComparer.Ordinal));
        Assert.Single(await story.ChargesAsync());
    }

    [PostgresFact]
    public async Task Pay_WithOtherKeysAtOnce_ChargesOnce()
    {
        var story = await Story.BeginAsync(App);
        var path = $"/v1/invoices/{await story.InvoiceAsync()}/pay";

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => App.PostAsync(path, "{}", "key-" + i)));

        Assert.Single(answers, answer => (int)answer.Status == 200);
        Assert.All(answers.Where(answer => (int)answer.Status != 200), answer => Assert.Contains(answer.Code, new[] { "payment_in_flight", "invoice_not_payable" }));
        Assert.Single(await story.ChargesAsync());
    }

    [PostgresTheory]
    [InlineData(null)]
    [InlineData("a b")]
    public async Task Pay_WithoutAProperKey_IsRefused(string? key)
    {
        var story = await Story.BeginAsync(App);
        var answer = await App.SendAsync("POST", $"{story.Path}/pay", "{}", key ?? "");
        Assert.Equal(["Idempotency-Key"], answer.IsProblem(422, "invalid_request").ErrorPaths);
    }

    [PostgresTheory]
    [InlineData(255, 200)]
    [InlineData(256, 422)]
    public async Task Pay_WithALongKey_IsTakenUpToTheBound(int length, int status)
    {
        var story = await Story.BeginAsync(App);
        await story.InvoiceAsync();
        Assert.Equal(status, (int)(await App.PostAsync($"{story.Path}/pay", "{}", new string('k', length))).Status);
    }

    [PostgresFact]
    public async Task Pay_Declined_SaysWhyAndLeavesTheInvoice()
    {
        var story = await Story.BeginAsync(App, """["decline:insufficient_funds"]""");
        var invoice = await story.InvoiceAsync();

        var declined = (await App.PostAsync($"/v1/invoices/{invoice}/pay", "{}", "k")).IsProblem(402, "payment_declined");

        Assert.Equal("insufficient_funds", declined["decline_code"].GetString());
        Assert.Equal("failed", (await App.GetAsync("/v1/payments/" + declined["payment"].GetString())).Succeeded()["status"].GetString());
        Assert.Equal("open", (await App.GetAsync("/v1/invoices/" + invoice))["status"].GetString());
        Assert.Equal("true", (await App.PostAsync($"/v1/invoices/{invoice}/pay", "{}", "k")).IsProblem(402, "payment_declined").Headers["Idempotent-Replayed"]);
    }

    [PostgresFact]
    public async Task Pay_AtTheCardNetworksCeiling_IsNotUsableUntilTheWindowMoves()
    {
        var story = await Story.BeginAsync(App, """["decline:insufficient_funds"]""");
        (await App.PutAsync($"/v1/sandbox/methods/{story.Account}-tok-card", $$"""{"fingerprint": "fp-{{story.Account}}", "network": "mastercard"}""")).Succeeded();
        await App.PutAsync($"{story.Path}/payment_methods/card", $$"""{"gateway": "sandbox", "token": "{{story.Account}}-tok-card", "kind": "card"}""");
        var path = $"/v1/invoices/{await story.InvoiceAsync()}/pay";
        // Five in an hour are as many as an account may have declined by hand.
        for (var i = 0; i < 10; i++)
        {
            if (i == 5) await story.AdvanceAsync("2026-03-01T01:00:00Z");
            (await App.PostAsync(path, "{}", "declined-" + i)).IsProblem(402, "payment_declined");
        }

        await story.AdvanceAsync("2026-03-01T02:00:00Z");
        var refused = (await App.PostAsync(path, "{}", "k")).IsProblem(409, "method_not_usable");

        Assert.Equal("2026-03-02T00:00:00Z", refused["free_at"].GetString());
        (await App.PostAsync(path, "{}", "k")).IsProblem(409, "method_not_usable");
        Assert.Equal(10, (await story.ChargesAsync()).Length);
        // The same card under another token is the same card; another card may pay.
        var same = await story.TokenAsync("same", """["ok"]""");
        (await App.PutAsync($"/v1/sandbox/methods/{same}", $$"""{"fingerprint": "fp-{{story.Account}}", "network": "mastercard"}""")).Succeeded();
        (await App.PostAsync(path, $$$"""{"one_off": {"gateway": "sandbox", "token": "{{{same}}}", "kind": "card"}}""", "same")).IsProblem(409, "method_not_usable");

        await story.AdvanceAsync("2026-03-02T00:00:00Z");
        (await App.PostAsync(path, "{}", "k")).IsProblem(402, "payment_declined");
        Assert.Equal(11, (await story.ChargesAsync()).Length);
    }

    [PostgresFact]
    public async Task Pay_WhileTheGatewayIsDown_MayTryTheSameKeyAgain()
    {
        var story = await Story.BeginAsync(App, """["error", "ok"]""");
        var path = $"/v1/invoices/{await story.InvoiceAsync()}/pay";

        var down = (await App.PostAsync(path, "{}", "k")).IsProblem(503, "unavailable");

        Assert.Equal("1", down.Headers["Retry-After"]);
        Assert.Equal("succeeded", (await App.PostAsync(path, "{}", "k")).Succeeded()["status"].GetString());
        Assert.Single(await story.ChargesAsync());
    }

    [PostgresFact]
    public async Task Pay_ThatIsProcessing_IsAcceptedAndEndsByTheWebhook()
    {
        var story = await Story.BeginAsync(App, """["processing"]""");
        var invoice = await story.InvoiceAsync();

        var live = (await App.PostAsync($"/v1/invoices/{invoice}/pay", "{}", "k")).Succeeded();
        Assert.Equal((202, "processing"), ((int)live.Status, live["status"].GetString()));
        (await App.PostAsync($"/v1/invoices/{invoice}/pay")).IsProblem(409, "payment_in_flight");
        (await App.PostAsync($"/v1/invoices/{invoice}/void")).IsProblem(409, "payment_in_flight");
        (await App.SendAsync("DELETE", $"{story.Path}/payment_methods/card")).IsProblem(409, "payment_in_flight");

        var charge = (await story.ChargesAsync())[0].GetProperty("id").GetString();
        (await App.PostAsync($"/v1/sandbox/charges/{charge}/settle", """{"outcome": "ok"}""")).Succeeded();
        await story.QuietAsync();

        Assert.Equal("succeeded", (await App.PostAsync($"/v1/invoices/{invoice}/pay", "{}", "k")).Succeeded()["status"].GetString());
        Assert.Equal("paid", (await App.GetAsync("/v1/invoices/" + invoice))["status"].GetString());
    }

    [PostgresFact]
    public async Task Pay_OfTheAccount_PaysAllInOneCharge_AndThenNothingIsDue()
    {
        var story = await Story.BeginAsync(App);
        await story.InvoiceAsync("I1", 500);
        await story.InvoiceAsync("I2", 700);

        var payment = (await App.PostAsync($"{story.Path}/pay")).Succeeded();

        Assert.Equal((1200L, 2), (payment["amount"].GetInt64(), payment["allocations"].GetArrayLength()));
        (await App.PostAsync($"{story.Path}/pay")).IsProblem(409, "nothing_due");
    }

    [PostgresFact]
    public async Task Pay_OfABalanceInvoice_PaysWhatItNames()
    {
        var story = await Story.BeginAsync(App, """["decline:insufficient_funds"]""");
        var invoice = await story.InvoiceAsync("I1", 2000, "automatic");
        await story.AdvanceAsync("2026-03-06T00:00:00Z");
        var balance = (await App.GetAsync("/v1/invoices/" + invoice))["settled_by"].GetString()!;
        var document = (await App.GetAsync("/v1/invoices/" + balance)).Succeeded();
        Assert.Equal(("balance", 2000L), (document["kind"].GetString(), document["amount_due"].GetInt64()));
        Assert.Equal(invoice, document["settles"][0].GetProperty("invoice").GetString());

        var token = await story.TokenAsync("other", """["ok"]""");
        (await App.PostAsync($"/v1/invoices/{balance}/pay", $$$"""{"one_off": {"gateway": "sandbox", "token": "{{{token}}}", "kind": "card"}}""")).Succeeded();

        Assert.Equal("paid", (await App.GetAsync("/v1/invoices/" + invoice))["status"].GetString());
        Assert.Equal("paid", (await App.GetAsync("/v1/invoices/" + balance))["status"].GetString());
        Assert.Equal(["overdue", "good"], (await App.GetAsync(story.Path + "/timeline"))["data"].EnumerateArray().Select(entry => entry.GetProperty("standing").GetString()));
    }

    [PostgresFact]
    public async Task Pay_OfWhatCannotBePaid_SaysSo()
    {
        var story = await Story.BeginAsync(App);
        var draft = story.Account + "-draft";
        (await App.PutAsync($"{story.Path}/invoices/{draft}", """{"lines": [{"description": "d", "amount": 1}], "draft": true}""")).Succeeded();
        (await App.PostAsync($"/v1/invoices/{draft}/pay")).IsProblem(409, "invoice_not_payable");
        (await App.PostAsync("/v1/invoices/none/pay")).IsProblem(404, "not_found");
        (await App.PostAsync("/v1/accounts/none/pay")).IsProblem(404, "not_found");
        var invoice = await story.InvoiceAsync();
        (await App.PostAsync($"/v1/invoices/{invoice}/pay", """{"payment_method": "none"}""")).IsProblem(409, "method_not_usable");
    }
}
