namespace Billing.Domain.Tests;

/// <summary>A keyed call takes effect once, within 24 hours.</summary>
public sealed class IdempotencyTests
{
    private const string Document = """{"standings": []}""";

    [Fact]
    public void Replay_TheSameContent_AnswersTheSameAndDoesNothing()
    {
        var world = World.With(Document).Issue("I1", 100, Collection.Manual, Days.At("9d"));
        var command = new VoidInvoice("I1", Some.Key("k"));
        world.Accept(world.TellAccount(command));
        var before = world.Account();

        var again = Assert.IsType<Done>(world.TellAccount(command));
        Assert.True(again.Replayed);
        Assert.Equal("I1", again.Id);
        Assert.Equal(before.Version, again.StandingVersion);
        Assert.Same(before, world.Account());
    }

    [Fact]
    public void Replay_OtherContent_IsAMismatch()
    {
        var world = World.With(Document).Issue("I1", 100, Collection.Manual, Days.At("9d"));
        world.Accept(world.TellAccount(new VoidInvoice("I1", Some.Key("k", "one"))));

        Assert.Equal(Problems.IdempotencyMismatch, Assert.IsType<Refused>(world.TellAccount(new VoidInvoice("I1", Some.Key("k", "two")))).Code);
    }

    [Theory]
    [InlineData("1d-1ms", true)]
    [InlineData("1d", false)]
    [InlineData("1d1ms", false)]
    public void Replay_After24Hours_IsANewCall(string at, bool isReplay)
    {
        var world = World.With(Document).Method("a", "ok");
        world.Accept(world.TellAccount(new MakeDefault("a", Some.Key("k", "one"))));
        world.Go(at);

        var reply = world.TellAccount(new MakeDefault("a", Some.Key("k", "two")));
        Assert.Equal(isReplay ? Problems.IdempotencyMismatch : null, (reply as Refused)?.Code);
    }

    [Fact]
    public void Replay_WhatWasRefused_IsTriedAnew()
    {
        var world = World.With(Document).Issue("I1", 100, Collection.Manual, Days.At("9d"));
        var command = new MakeDefault("a", Some.Key("k"));
        Assert.IsType<Refused>(world.TellAccount(command));
        world.Method("a", "ok");

        Assert.False(Assert.IsType<Done>(world.TellAccount(command)).Replayed);
    }

    [Fact]
    public void Pay_TheGatewayDidNothing_TheSameKeyMayTryAgain()
    {
        var world = World.With(Document, clock: null).Issue("I1", 100, Collection.Manual, Days.At("9d"));
        world.Gateway.Script("t", "error", "ok");
        var pay = new Pay { Payment = "pay_1", Key = Some.Key("k", "c"), Invoices = ["I1"], OneOff = new MethodCandidate(null, "sandbox", "t", MethodKind.Card) };
        world.Accept(world.TellAccount(pay));
        Assert.True(world.Payment("pay_1").FailedByError);
        Assert.Null(world.Account().Invoices[0].ReservedBy);

        Assert.False(Assert.IsType<Done>(world.TellAccount(pay)).Replayed);
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
        Assert.Single(world.Gateway.Charges);
    }
}
