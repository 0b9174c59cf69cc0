using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>What was answered outlives the process.</summary>
public sealed class RestartTests
{
    [PostgresFact]
    public async Task Replays_AfterARestart_ShowTheFirstEffect()
    {
        string account, invoice;
        Answer paid, voided;
        await using (var app = await BillingApp.OnAsync("api_restart"))
        {
            var story = await Story.BeginAsync(app);
            account = story.Account;
            invoice = await story.InvoiceAsync();
            var other = await story.InvoiceAsync("I2");
            paid = (await app.PostAsync($"/v1/invoices/{invoice}/pay", "{}", "k")).Succeeded();
            voided = (await app.PostAsync($"/v1/invoices/{other}/void", "{}", "k")).Succeeded();
        }

        await using var again = await BillingApp.OnAsync("api_restart");
        var replayed = (await again.PostAsync($"/v1/invoices/{invoice}/pay", "{}", "k")).Succeeded();
        Assert.Equal((paid.Text, "true"), (replayed.Text, replayed.Headers["Idempotent-Replayed"]));
        (await again.PostAsync($"/v1/invoices/{invoice}/pay", """{"payment_method": "card"}""", "k")).IsProblem(422, "idempotency_mismatch");
        var voidedAgain = (await again.PostAsync($"/v1/invoices/{account}-I2/void", "{}", "k")).Succeeded();
        Assert.Equal((voided.Text, "true"), (voidedAgain.Text, voidedAgain.Headers["Idempotent-Replayed"]));
        Assert.Single((await again.GetAsync($"/v1/sandbox/charges?account={account}"))["data"].EnumerateArray());
    }
}
