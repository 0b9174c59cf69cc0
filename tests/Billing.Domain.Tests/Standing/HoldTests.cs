namespace Billing.Domain.Tests;

/// <summary>While live payments cover an unpaid invoice nothing gets worse for it, until the hold is over.</summary>
public sealed class HoldTests
{
    private static readonly string Ages = Some.Standings(
        """{"charge": "at_due", "due_after": "10d", "processing_hold": {"default": "24h"}}""", ("mild", """{"collection_failed": true}"""), ("late", """{"unpaid_for": "2d"}"""), ("harsh", """{"unpaid_for": "4d"}"""));

    [Fact]
    public void Rung0_Live_IsNoUnpaidInvoiceUntilTheHoldIsOver()
    {
        var world = World.With(Ages).Method("card", "processing_fail:3d").Issue("I1", 100);

        world.Go("11d-1ms");
        Assert.Null(world.Account().Episode);
        world.Go("11d");
        Assert.Equal(Days.At("11d"), world.Account().Episode!.Since);
        Assert.Equal("good", world.Standing());
        world.Go("13d");
        Assert.Equal([(Days.At("13d"), "late")], world.Timeline());
    }

    [Fact]
    public void Rung0_AfterADeclineByHandBeforeIt_HasAHoldOfItsOwn()
    {
        var world = World.With(Ages).Method("card", "processing_ok:20h").Issue("I1", 100).Go("1d");
        world.Accept(world.PayWith("decline:insufficient_funds", "I1"));

        world.Go("20d");
        Assert.Empty(world.Timeline());
        Assert.DoesNotContain(world.Events, e => e.Type == "invoice.unpaid");
    }

    [Theory]
    [InlineData("30h")]
    [InlineData("12d")]
    public void Rung0_TheGatewayIsDown_NothingGetsWorse(string outage)
    {
        var world = World.With(Ages).Method("card", "error").Issue("I1", 100).Go("10d");
        world.Go("10d" + outage);
        Assert.Empty(world.Timeline());
        Assert.Null(world.Account().Episode);

        var token = world.Account().Methods[0].Token;
        world.Gateway.Script(token, "processing_ok:20h");
        world.Go("40d");
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
        Assert.Empty(world.Timeline());
        Assert.DoesNotContain(world.Events, e => e.Type == "invoice.unpaid");
    }

    [Fact]
    public void Hold_OverAfterSeveralSteps_TheMostSevereTakesEffectThen()
    {
        var world = World.With(Some.Standings(
            """{"processing_hold": {"default": "9d"}}""", ("late", """{"unpaid_for": "2d"}"""), ("harsh", """{"unpaid_for": "4d"}"""))).Method("card", "decline:x").Issue("I1", 100).Go("1d");
        world.Accept(world.PayWith("processing", "I1"));

        world.Go("10d-1ms");
        Assert.Equal("good", world.Standing());
        world.Go("10d");
        Assert.Equal([(Days.At("10d"), "harsh")], world.Timeline());
    }

    [Fact]
    public void Hold_TheLivePaymentFails_StepsTakeEffectThen()
    {
        var world = World.With(Some.Standings("""{"processing_hold": {"default": "9d"}}""", ("late", """{"unpaid_for": "2d"}"""))).Method("card", "decline:x").Issue("I1", 100).Go("1d");
        world.Accept(world.PayWith("processing_fail:3d", "I1"));

        world.Go("20d");
        Assert.Equal([(Days.At("4d"), "late")], world.Timeline());
    }

    [Fact]
    public void Hold_IsNotRenewedByAnotherPayment()
    {
        var world = World.With(Some.Standings("""{"processing_hold": {"default": "24h"}}""", ("late", """{"unpaid_for": "2d"}"""))).Method("card", "decline:x").Issue("I1", 100).Go("12h");
        world.Accept(world.PayWith("processing_fail:6h", "I1"));
        world.Go("1d18h");
        world.Accept(world.PayWith("processing", "I1"));

        world.Go("20d");
        Assert.Equal([(Days.At("2d"), "late")], world.Timeline());
    }

    [Fact]
    public void Held_NothingGetsBetterEither()
    {
        var world = World.With(Some.Standings("""{"processing_hold": {"default": "24h"}}""", ("late", """{"unpaid_for": "2d"}"""))).Method("card", "decline:x").Issue("I1", 100).Go("3d");
        world.Accept(world.PayWith("processing", "I1"));

        Assert.Equal("late", world.Standing());
        Assert.False(world.Gate().Allowed);
    }

    [Fact]
    public void Held_AnotherInvoiceIsPaid_MayStillGetMilder()
    {
        var world = World.With(Some.Standings("{}", ("late", """{"unpaid_for": "2d"}"""), ("harsh", """{"unpaid_invoices": 2}"""))).Method("card", "decline:x").Issue("I1", 100).Issue("I2", 100).Go("3d");
        Assert.Equal("harsh", world.Standing());
        world.Accept(world.PayWith("processing", "I1"));
        Assert.Equal("harsh", world.Standing());

        world.Accept(world.PayWith("ok", "I2"));
        Assert.Equal("late", world.Standing());
    }

    [Fact]
    public void Held_AnotherInvoiceIsFree_ItsStepsGoOn()
    {
        var world = World.With(Some.Standings("""{"processing_hold": {"default": "9d"}}""", ("late", """{"unpaid_for": "2d"}"""))).Method("card", "decline:x").Issue("I1", 100).Go("1d");
        world.Issue("I2", 100);
        world.Accept(world.PayWith("processing", "I1"));

        world.Go("9d");
        Assert.Equal([(Days.At("3d"), "late")], world.Timeline());
    }
}
