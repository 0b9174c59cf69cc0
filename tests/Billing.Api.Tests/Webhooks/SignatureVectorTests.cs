using System.Text;
using Billing.Api.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Billing.Api.Tests.Webhooks;

/// <summary>
/// Vectors of every signature scheme. They were recorded with another implementation of HMAC (Python's), so that a fault of
/// ours is not recorded as right.
/// </summary>
public sealed class SignatureVectorTests
{
    private const string StripeBody = """{"id":"evt_1","type":"payment_intent.succeeded","livemode":false,"created":1772800000,"data":{"object":{"id":"pi_1","object":"payment_intent","amount_received":2000,"currency":"usd","metadata":{"billing_account":"acme"}}}}""";
    private const string StripeFirst = "22d62d132965984cd36848b79f235b185de6e7216757ed862b7f108b1720381d";
    private const string StripeSecond = "a7279d99db3aa07721477081addefd3ba8469db2a32fbcdcced6a5f5a5f680bc";
    private const string PaddleFirst = "c8c5f90f9a472dba250e37f53ee3da113c286711819acc1c0215e196b04cca20";
    private const string PaddleSecond = "e0d6961cd019bd181884f5df1c780582782673a7312f0306a78dd6cda6bd74d0";
    private const string CoinBody = """{"id":"n-1","type":"InvoicePaid","timestamp":"2026-03-06T12:26:40Z","invoice":{"id":"cp-1","amount":{"currencyId":"5057","total":"2000"},"customData":{"billing_account":"acme"}}}""";
    private const string CoinFirst = "E50gqsOsid651JVeWRoQV8nwKjZw3FXipO2dSL/2+kI=";
    private const string CoinSecond = "BVhySM5ka6F2rQql9Krq550H0hWU+65L2EIpwG52sP8=";
    private const string StandardBody = """{"type":"payment.received","timestamp":"2026-03-06T12:26:40Z","data":{"account":"acme","amount":2000,"currency":"USD","reference":"wire-1"}}""";
    private const string StandardFirst = "XIsG5wbpWaCEOFatSg/l6EY+7BV0Lr6ZxbllgG//KJ4=";
    private const string StandardSecond = "GztIzKNTQkcBBIFRlbsdfVcyTmtgA/QNAbY3lpCbqNU=";

    private static readonly DateTimeOffset SignedAt = DateTimeOffset.FromUnixTimeSeconds(1_772_800_000);

    /// <summary>Scheme, what is done to the request, and what is found.</summary>
    public static TheoryData<string, string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, string>();
            foreach (var scheme in (string[])["stripe", "paddle", "coinpayments", "standard"])
            {
                cases.Add(scheme, "nothing", "Valid");
                cases.Add(scheme, "second secret", "Valid");
                cases.Add(scheme, "two signatures", "Valid");
                cases.Add(scheme, "wrong secret", "Wrong");
                cases.Add(scheme, "tampered body", "Wrong");
                cases.Add(scheme, "no signature", "Malformed");
                cases.Add(scheme, "garbage", "Wrong");
                cases.Add(scheme, "300 s late", "Valid");
                cases.Add(scheme, "301 s late", "Stale");
                cases.Add(scheme, "301 s early", "Stale");
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Vector_IsFoundAsRecorded(string scheme, string change, string expected)
    {
        var options = Options(isOther: change == "wrong secret");
        var (body, headers) = scheme switch
        {
            "stripe" => (StripeBody, Headers(("Stripe-Signature", Of(change, StripeFirst, StripeSecond) is var s && change == "two signatures" ? $"t=1772800000,v1={new string('0', 64)},v1={s},v0=x" : change == "no signature" ? "t=1772800000" : $"t=1772800000,v1={s}"))),
            "paddle" => (StripeBody, Headers(("Paddle-Signature", Of(change, PaddleFirst, PaddleSecond) is var p && change == "two signatures" ? $"ts=1772800000;h1={new string('0', 64)};h1={p}" : change == "no signature" ? "ts=1772800000" : $"ts=1772800000;h1={p}"))),
            "coinpayments" => (CoinBody, Headers(("X-CoinPayments-Client", "client-1"), ("X-CoinPayments-Timestamp", "2026-03-06T12:26:40"), ("X-CoinPayments-Signature", Of(change, CoinFirst, CoinSecond)))),
            _ => (StandardBody, Headers(("webhook-id", "msg_1"), ("webhook-timestamp", "1772800000"), ("webhook-signature", change == "two signatures" ? $"v1,{new string('A', 43)}= v1,{StandardFirst}" : change == "no signature" ? "" : $"v1,{Of(change, StandardFirst, StandardSecond)}"))),
        };
        if (change == "tampered body") body = body.Replace("2000", "2001", StringComparison.Ordinal);
        var seconds = change switch { "300 s late" => 300, "301 s late" => 301, "301 s early" => -301, _ => 0 };

        Assert.Equal(expected, Scheme(scheme, options).Verify(headers, Encoding.UTF8.GetBytes(body), new FixedTime(SignedAt.AddSeconds(seconds))).ToString());
    }

    [Fact]
    public void NoSecrets_NoDoor() => Assert.All((string[])["stripe", "paddle", "coinpayments", "standard"], scheme => Assert.False(Scheme(scheme, new WebhookDoorOptions()).IsOpen));

    [Theory]
    [InlineData("Stripe:WebhookSecrets:0", " ", "Billing:Gateways:Stripe:WebhookSecrets:0 is empty.")]
    [InlineData("Standard:Sources:bank:MaxAmount", "500", "Billing:Gateways:Standard:Sources:bank needs a secret: Billing:Gateways:Standard:Sources:bank:Secrets:0.")]
    [InlineData("Standard:Sources:bank:Secrets:0", "whsec_%", "Billing:Gateways:Standard:Sources:bank:Secrets:0 begins with whsec_ and is not base64 after it.")]
    [InlineData("CoinPayments:WebhookSecrets:0", "secret", "CoinPayments signs the URL of its webhook: set Billing:Gateways:CoinPayments:WebhookUrl, or Billing:PublicUrl, to an absolute URL.")]
    public void Configuration_ThatIsWrong_RefusesTheStartWithOneSentence(string key, string value, string sentence)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"Billing:Gateways:{key}", value)]).Build();
        Assert.Equal(sentence, Assert.Throws<Billing.Silo.StartRefusedException>(() => WebhookDoorOptions.Read(configuration, hasSandbox: false, isProduction: true)).Message);
    }

    [Theory]
    [InlineData("sk_live_x", true, "Live")]
    [InlineData("sk_test_x", false, "Either")]
    [InlineData("rk_test_x", false, "Either")]
    [InlineData(null, true, "Live")]
    [InlineData(null, false, "Test")]
    [InlineData("sk_test_x", true, null)]
    [InlineData("sk_live_x", false, null)]
    public void Stripe_OfTheOtherModeThanTheKey_HasNoEffect(string? key, bool livemode, string? mode)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Billing:Gateways:Stripe:WebhookSecrets:0", "s"), new("Billing:Gateways:Stripe:ApiKey", key)]).Build();
        var scheme = Scheme("stripe", WebhookDoorOptions.Read(configuration, hasSandbox: false, isProduction: true));
        var reading = scheme.Read(new HeaderDictionary(), Encoding.UTF8.GetBytes(StripeBody.Replace("\"livemode\":false", livemode ? "\"livemode\":true" : "\"livemode\":false", StringComparison.Ordinal)), TimeProvider.System);

        Assert.Null(reading.Refusal);
        Assert.Equal(mode, reading.Events.SingleOrDefault()?.Mode.ToString());
    }

    private static string Of(string change, string first, string second) => change switch
    {
        "second secret" => second,
        "no signature" => "",
        "garbage" => "ä, not a signature",
        _ => first,
    };

    private static HeaderDictionary Headers(params (string Name, string Value)[] headers)
    {
        var all = new HeaderDictionary();
        foreach (var (name, value) in headers) all[name] = value;
        return all;
    }

    private static WebhookDoorOptions Options(bool isOther) => WebhookDoorOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Billing:PublicUrl", "https://billing.example/"),
            new("Billing:Gateways:Stripe:WebhookSecrets:0", isOther ? "other" : "whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH"),
            new("Billing:Gateways:Stripe:WebhookSecrets:1", isOther ? "others" : "whsec_second_secret_during_rotation"),
            new("Billing:Gateways:Paddle:WebhookSecrets:0", isOther ? "other" : "whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH"),
            new("Billing:Gateways:Paddle:WebhookSecrets:1", isOther ? "others" : "whsec_second_secret_during_rotation"),
            new("Billing:Gateways:CoinPayments:WebhookSecrets:0", isOther ? "other" : "cp-secret-one"),
            new("Billing:Gateways:CoinPayments:WebhookSecrets:1", isOther ? "others" : "cp-secret-two"),
            new("Billing:Gateways:Standard:Sources:bank:Secrets:0", isOther ? "other" : "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            new("Billing:Gateways:Standard:Sources:bank:Secrets:1", isOther ? "others" : "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
        ]).Build(),
        hasSandbox: false,
        isProduction: false);

    private static IWebhookScheme Scheme(string name, WebhookDoorOptions options) => name switch
    {
        "stripe" => new StripeScheme(options, NullLogger<StripeScheme>.Instance),
        "paddle" => new PaddleScheme(options),
        "coinpayments" => new CoinPaymentsScheme(options),
        _ => new StandardScheme(options),
    };

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
