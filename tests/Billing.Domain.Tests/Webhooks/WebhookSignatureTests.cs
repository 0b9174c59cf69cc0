using System.Text;
using NodaTime;

namespace Billing.Domain.Tests.Webhooks;

/// <summary>The signature, against the vector of the specification's own libraries.</summary>
public sealed class WebhookSignatureTests
{
    private const string Key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private static readonly Instant s_at = Instant.FromUnixTimeSeconds(1_614_265_330);
    private static readonly ReadOnlyMemory<byte> s_body = Encoding.UTF8.GetBytes("""{"test": 2432232314}""");

    [Fact]
    public void Sign_IsThatOfStandardWebhooks() => Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", WebhookSignature.Sign([new WebhookSecret(Key, null)], Id, s_at, s_body));

    [Fact]
    public void Sign_DuringARotation_WithBoth_TheNewestFirst()
    {
        var old = new WebhookSecret(Key, s_at + Duration.FromMilliseconds(1));
        var fresh = new WebhookSecret(WebhookSignature.KeyOf(new byte[32]), null);

        var both = WebhookSignature.Sign([old, fresh], Id, s_at, s_body).Split(' ');
        Assert.Equal(WebhookSignature.Sign([fresh], Id, s_at, s_body), both[0]);
        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", both[1]);
        Assert.Equal(both[0], WebhookSignature.Sign([old with { ExpiresAt = s_at }, fresh], Id, s_at, s_body));
    }
}
