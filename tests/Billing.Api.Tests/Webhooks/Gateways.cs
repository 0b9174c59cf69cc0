using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Billing.Sandbox;

namespace Billing.Api.Tests.Webhooks;

/// <summary>Gateways that tell: what each sends, signed as it signs.</summary>
public sealed class Gateways(BillingApp app)
{
    public const string StripeSecret = "whsec_of_stripe_for_tests";
    public const string PaddleSecret = "pdl_of_paddle_for_tests";
    public const string CoinSecret = "secret-of-coinpayments";
    public const string BankSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    public const string CoinUrl = "https://billing.example/v1/webhooks/coinpayments";

    private static int _events;

    /// <summary>The configuration of the doors.</summary>
    public static string[] Settings { get; } =
    [
        $"--Billing:Gateways:Stripe:WebhookSecrets:0={StripeSecret}",
        $"--Billing:Gateways:Paddle:WebhookSecrets:0={PaddleSecret}",
        $"--Billing:Gateways:CoinPayments:WebhookSecrets:0={CoinSecret}",
        $"--Billing:Gateways:CoinPayments:WebhookUrl={CoinUrl}",
        $"--Billing:Gateways:Standard:Sources:bank:Secrets:0={BankSecret}",
        "--Billing:Gateways:Standard:Sources:bank:MaxAmount=1000000",
    ];

    public static string NextEvent() => $"evt_{Interlocked.Increment(ref _events)}";

    /// <summary>A report of the bank.</summary>
    public Task<Answer> BankAsync(string type, string account, long amount, string reference, string? invoice = null, string currency = "USD", string? id = null, string more = "") => StandardAsync(
        $$"""{"type": "{{type}}", "timestamp": "2026-03-05T10:00:00Z", "data": {"account": "{{account}}", {{(invoice is null ? "" : $"\"invoice\": \"{invoice}\", ")}}"amount": {{amount}}, "currency": "{{currency}}", "reference": "{{reference}}"{{more}} } }""", id);

    public Task<Answer> StandardAsync(string body, string? id = null, string secret = BankSecret)
    {
        var (bytes, at, name) = (Encoding.UTF8.GetBytes(body), Now, id ?? NextEvent());
        return SendAsync("standard", bytes, ("webhook-id", name), ("webhook-timestamp", Text(at)), ("webhook-signature", SandboxSignature.Sign(secret, name, at, bytes)));
    }

    /// <summary>An event of Stripe about an object.</summary>
    public Task<Answer> StripeAsync(string type, string thing, string? id = null, bool livemode = true)
    {
        var bytes = Encoding.UTF8.GetBytes($$"""{"id": "{{id ?? NextEvent()}}", "object": "event", "type": "{{type}}", "livemode": {{(livemode ? "true" : "false")}}, "created": 1772800000, "data": {"object": {{thing}} } }""");
        var at = Now;
        return SendAsync("stripe", bytes, ("Stripe-Signature", $"t={at},v1={Hex(StripeSecret, $"{at}.", bytes)}"));
    }

    public Task<Answer> PaddleAsync(string type, string thing, string? id = null)
    {
        var bytes = Encoding.UTF8.GetBytes($$"""{"event_id": "{{id ?? NextEvent()}}", "event_type": "{{type}}", "occurred_at": "2026-03-05T10:00:00.123456Z", "data": {{thing}} }""");
        var at = Now;
        return SendAsync("paddle", bytes, ("Paddle-Signature", $"ts={at};h1={Hex(PaddleSecret, $"{at}:", bytes)}"));
    }

    public Task<Answer> CoinsAsync(string type, string invoice, string? id = null)
    {
        var bytes = Encoding.UTF8.GetBytes($$"""{"id": "{{id ?? NextEvent()}}", "type": "{{type}}", "timestamp": "2026-03-05T10:00:00.1234567+00:00", "invoice": {{invoice}} }""");
        var at = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(CoinSecret), (byte[])[.. Encoding.UTF8.GetBytes($"\uFEFFPOST{CoinUrl}client-1{at}"), .. bytes]);
        return SendAsync("coinpayments", bytes, ("X-CoinPayments-Client", "client-1"), ("X-CoinPayments-Timestamp", at), ("X-CoinPayments-Signature", Convert.ToBase64String(mac)));
    }

    public Task<Answer> SendAsync(string gateway, byte[] body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/webhooks/" + gateway) { Content = new ByteArrayContent(body) };
        // What is too large is refused at its head; a client that is still sending might not read the answer.
        request.Headers.ExpectContinue = body.Length > 256 * 1024;
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return app.SendAsync(request);
    }

    /// <summary>A signature of Stripe's or Paddle's.</summary>
    public static string Hex(string secret, string before, byte[] body) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.UTF8.GetBytes(before), .. body]));

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
