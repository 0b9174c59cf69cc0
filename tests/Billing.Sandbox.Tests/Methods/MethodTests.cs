using Billing.Testing;
using NodaTime;

namespace Billing.Sandbox.Tests;

public sealed class MethodTests
{
    private readonly SandboxService _service;
    private readonly SandboxGateway _gateway;

    public MethodTests()
    {
        var memory = new MemorySandbox();
        var time = new ManualTime();
        _service = new SandboxService(memory, new SandboxWake(), time);
        _gateway = new SandboxGateway(memory, memory, new SandboxWake(), time);
    }

    [Theory]
    [InlineData("processing_ok:1s", 1)]
    [InlineData("processing_ok:30m", 1_800)]
    [InlineData("processing_fail:58h", 208_800)]
    [InlineData("processing_fail:3650d", 315_360_000)]
    public void Parse_Duration_IsReadInItsUnit(string outcome, long seconds) =>
        Assert.Equal(Instant.FromUnixTimeSeconds(seconds), ScriptStep.Parse(outcome, out _)!.DueAt(Instant.FromUnixTimeSeconds(0)));

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("OK")]
    [InlineData("ok:")]
    [InlineData("decline")]
    [InlineData("decline:")]
    [InlineData("decline:Insufficient Funds")]
    [InlineData("processing:2d")]
    [InlineData("processing_ok")]
    [InlineData("processing_ok:0d")]
    [InlineData("processing_ok:3651d")]
    [InlineData("processing_ok:999999999d")]
    [InlineData("processing_ok:2w")]
    [InlineData("processing_ok:-2d")]
    [InlineData("timeout:captured")]
    public void Parse_WhatIsNoOutcome_SaysSo(string? outcome)
    {
        Assert.Null(ScriptStep.Parse(outcome, out var error));
        Assert.Contains($"'{outcome}'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PutMethod_SeveralErrors_AreNamedAllAtOnceAndNothingIsPut()
    {
        var refusal = (await _service.PutMethodAsync("tok", ["ok", "decline:", "nonsense"], fingerprint: new string('f', 257))).Refusal!;

        Assert.Equal(SandboxRefusalKind.Invalid, refusal.Kind);
        Assert.Equal(["fingerprint", "script[1]", "script[2]"], refusal.Errors!.Keys.Order());
        Assert.Null((await _service.PutMethodAsync("tok", script: null)).Value!.Fingerprint);
    }

    [Fact]
    public async Task Describe_TellsNetworkAndFunding()
    {
        await _service.PutMethodAsync("tok-1", script: null, network: "visa", funding: "prepaid");

        var known = await _gateway.DescribeAsync("tok-1", CancellationToken.None);
        var unknown = await _gateway.DescribeAsync("tok-2", CancellationToken.None);

        Assert.Equal(("visa", "prepaid"), (known.Network, known.Funding));
        Assert.Equal((null, null), (unknown.Network, unknown.Funding));
    }

    [Fact]
    public async Task Describe_WithoutFingerprint_MakesOneOfTheTokenThatDoesNotShowIt()
    {
        await _service.PutMethodAsync("tok-1", ["ok"]);
        var put = (await _gateway.DescribeAsync("tok-1", CancellationToken.None)).Fingerprint!;

        Assert.Equal("fp_" + Ids.Hash("tok-1"), put);
        Assert.NotEqual(put, (await _gateway.DescribeAsync("tok-2", CancellationToken.None)).Fingerprint);

        await _service.PutMethodAsync("tok-1", script: null, fingerprint: "card-1");
        await _service.PutMethodAsync("tok-2", script: null, fingerprint: "card-1");
        foreach (var token in new[] { "tok-1", "tok-2" }) Assert.Equal("card-1", (await _gateway.DescribeAsync(token, CancellationToken.None)).Fingerprint);
    }

    [Fact]
    public async Task Describe_TellsStableDigitsAndTheFingerprint()
    {
        await _service.PutMethodAsync("tok-1", script: null, fingerprint: "card-1");

        var known = await _gateway.DescribeAsync("tok-1", CancellationToken.None);
        var unknown = await _gateway.DescribeAsync("tok-2", CancellationToken.None);

        Assert.Equal(("sandbox", "card-1"), (known.Brand, known.Fingerprint));
        Assert.Equal(("sandbox", "fp_" + Ids.Hash("tok-2")), (unknown.Brand, unknown.Fingerprint));
        Assert.Matches(@"\A[0-9]{4}\z", known.Last4);
        Assert.Equal(known, await _gateway.DescribeAsync("tok-1", CancellationToken.None));
        Assert.NotEqual(known.Last4, unknown.Last4);
    }
}
