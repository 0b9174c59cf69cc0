using System.Globalization;
using System.Text;
using Billing.Testing;

namespace Billing.Sandbox.Tests;

public sealed class SandboxSignatureTests
{
    private const string Secret = "a secret of the sandbox's webhook";
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"type":"charge.succeeded"}""");

    private readonly ManualTime _time = new();

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public void Sign_VectorOfStandardWebhooks_Agrees() => Assert.Equal(
        // The vector of the reference libraries (github.com/standard-webhooks/standard-webhooks, 2023-12).
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        SandboxSignature.Sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, Encoding.UTF8.GetBytes("""{"test": 2432232314}""")));

    [Theory]
    [InlineData(-301, SandboxSignatureCheck.Stale)]
    [InlineData(-300, SandboxSignatureCheck.Valid)]
    [InlineData(0, SandboxSignatureCheck.Valid)]
    [InlineData(300, SandboxSignatureCheck.Valid)]
    [InlineData(301, SandboxSignatureCheck.Stale)]
    public void Verify_TimeOfSending_MayBeFiveMinutesAway(int seconds, SandboxSignatureCheck expected)
    {
        var sentAt = Now + seconds;
        Assert.Equal(expected, Verify("evt", Text(sentAt), SandboxSignature.Sign(Secret, "evt", sentAt, Body), Body, Secret));
    }

    [Fact]
    public void Verify_OtherSecretBodyIdOrTime_IsWrong()
    {
        var signature = SandboxSignature.Sign(Secret, "evt", Now, Body);

        Assert.Equal(SandboxSignatureCheck.Wrong, Verify("evt", Text(Now), signature, Body, "another secret of the webhook"));
        Assert.Equal(SandboxSignatureCheck.Wrong, Verify("evt", Text(Now), signature, [.. Body, (byte)' '], Secret));
        Assert.Equal(SandboxSignatureCheck.Wrong, Verify("evt2", Text(Now), signature, Body, Secret));
        Assert.Equal(SandboxSignatureCheck.Wrong, Verify("evt", Text(Now + 1), signature, Body, Secret));
        Assert.Equal(SandboxSignatureCheck.Wrong, Verify("evt", Text(Now), "v1a" + signature[2..], Body, Secret));
        Assert.Equal(SandboxSignatureCheck.Wrong, Verify("evt", Text(Now), signature, Body));
    }

    [Fact]
    public void Verify_OneOfSeveralSecretsAndSignatures_IsEnough()
    {
        var signature = SandboxSignature.Sign(Secret, "evt", Now, Body);
        var other = SandboxSignature.Sign("another secret of the webhook", "evt", Now, Body);

        Assert.Equal(SandboxSignatureCheck.Valid, Verify("evt", Text(Now), signature, Body, "another secret of the webhook", Secret));
        Assert.Equal(SandboxSignatureCheck.Valid, Verify("evt", Text(Now), $"{other} {signature}", Body, Secret));
    }

    [Theory]
    [InlineData(null, "1", "v1,x")]
    [InlineData("evt", null, "v1,x")]
    [InlineData("evt", "1", null)]
    [InlineData("evt", "", "v1,x")]
    [InlineData("evt", "soon", "v1,x")]
    [InlineData("evt", "-1", "v1,x")]
    public void Verify_MissingOrMalformedHeader_IsMalformed(string? id, string? timestamp, string? signature) =>
        Assert.Equal(SandboxSignatureCheck.Malformed, Verify(id, timestamp, signature, Body, Secret));

    [Fact]
    public void Verify_LargestTimestamp_IsStale() =>
        Assert.Equal(SandboxSignatureCheck.Stale, Verify("evt", Text(long.MaxValue), "v1,x", Body, Secret));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"id":"e","type":"t","created_at":"yesterday","data":null}""")]
    public void Read_WhatIsNoEvent_IsNull(string body) => Assert.Null(SandboxEvent.Read(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 200)]
    [InlineData(6, 3200)]
    [InlineData(7, 5000)]
    [InlineData(1_000_000, 5000)]
    public void RetryAfter_DoublesUpToFiveSeconds(int tries, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), SandboxWebhookSender.RetryAfter(tries));

    private SandboxSignatureCheck Verify(string? id, string? timestamp, string? signature, byte[] body, params string[] secrets) =>
        SandboxSignature.Verify(id, timestamp, signature, body, secrets, _time);

    private static string Text(long timestamp) => timestamp.ToString(CultureInfo.InvariantCulture);
}
