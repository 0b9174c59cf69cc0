using System.Globalization;
using System.Text;
using Billing.Sandbox;
using Billing.Testing;
using NodaTime;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>The door of the sandbox's webhook.</summary>
public sealed class WebhookTests(PostgresApp postgres) : IClassFixture<PostgresApp>
{
    private BillingApp App => postgres.App;

    [PostgresFact]
    public async Task Event_OfALatePayment_IsTakenOnce_HoweverOftenItComes()
    {
        var story = await Story.BeginAsync(App, """["processing"]""");
        var live = (await App.PostAsync($"/v1/invoices/{await story.InvoiceAsync()}/pay")).Succeeded();
        var body = Event(live["id"].GetString() + "/1", story.Account, 2000);

        for (var i = 0; i < 3; i++) Assert.Equal(204, (int)(await SendAsync(body)).Status);
        await story.QuietAsync();

        var payment = await App.GetAsync("/v1/payments/" + live["id"].GetString());
        Assert.Equal(("succeeded", 2000L), (payment["status"].GetString(), payment["captured"].GetInt64()));
    }

    [PostgresFact]
    public async Task Event_OfAnUnknownPayment_ComesAgain()
    {
        var story = await Story.BeginAsync(App);
        (await SendAsync(Event("pay_none/1", story.Account, 1))).IsProblem(503, "unavailable");
        (await SendAsync(Event("pay_none/1", "nobody", 1))).IsProblem(503, "unavailable");
    }

    [PostgresFact]
    public async Task Delivery_WithABadSignature_IsRefused()
    {
        var body = Event("pay_none/1", "nobody", 1);
        (await SendAsync(body, secret: "another-secret-of-somebody-else")).IsProblem(401, "unauthenticated");
        (await SendAsync(body, age: 301)).IsProblem(401, "unauthenticated");
        (await SendAsync(body, age: -320)).IsProblem(401, "unauthenticated");
        (await SendAsync(body, isSigned: false)).IsProblem(400, "invalid_request");
        (await SendAsync(Encoding.UTF8.GetBytes("no event"))).IsProblem(400, "invalid_request");
        (await SendAsync(Event("no key", "nobody", 1))).IsProblem(400, "invalid_request");
        (await SendAsync(new byte[(256 * 1024) + 1])).IsProblem(413, "too_large");
    }

    private static byte[] Event(string key, string account, long amount) => new SandboxEvent(
        "evt_" + key, SandboxEventTypes.Succeeded, Instant.FromUtc(2026, 3, 1, 0, 0),
        new SandboxEventData("ch_x", key, key.Split('/')[0], account, amount, "USD", SandboxChargeStatus.Succeeded, Code: null, Instant.FromUtc(2026, 3, 1, 0, 0))).Write();

    private async Task<Answer> SendAsync(byte[] body, string secret = BillingApp.WebhookSecret, long age = 0, bool isSigned = true)
    {
        var sentAt = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - age;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/webhooks/sandbox") { Content = new ByteArrayContent(body) };
        request.Headers.Add(SandboxSignature.IdHeader, "evt");
        request.Headers.Add(SandboxSignature.TimestampHeader, sentAt.ToString(CultureInfo.InvariantCulture));
        if (isSigned) request.Headers.Add(SandboxSignature.SignatureHeader, SandboxSignature.Sign(secret, "evt", sentAt, body));
        return await App.SendAsync(request);
    }
}
