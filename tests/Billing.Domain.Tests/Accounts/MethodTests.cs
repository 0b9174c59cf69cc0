namespace Billing.Domain.Tests;

/// <summary>Methods on file: which is the default, and what ends one.</summary>
public sealed class MethodTests
{
    private static readonly string Ladder = Some.Standings("""{"retry_after": ["1d", "2d"]}""", ("late", """{"hard_declined": true}"""));

    [Theory]
    [InlineData(null, "a")]
    [InlineData(true, "a")]
    [InlineData(false, null)]
    public void Put_TheFirst_IsTheDefaultUnlessItSaysNo(bool? makeDefault, string? expected)
    {
        var world = World.With(Ladder);
        world.Accept(world.PutMethod("a", ["ok"], makeDefault));

        Assert.Equal(expected, world.Account().DefaultMethod);
    }

    [Theory]
    [InlineData(null, "a")]
    [InlineData(true, "b")]
    [InlineData(false, "a")]
    public void Put_AnotherOne_IsTheDefaultWhereItSaysSo(bool? makeDefault, string expected)
    {
        var world = World.With(Ladder).Method("a", "ok");
        world.Accept(world.PutMethod("b", ["ok"], makeDefault));

        Assert.Equal(expected, world.Account().DefaultMethod);
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    [InlineData("c", "a")]
    public void Remove_TheDefault_IsFollowedByTheOldestThatIsLeft(string removed, string expected)
    {
        var world = World.With(Ladder).Method("a", "ok").Method("b", "ok").Method("c", "ok");
        world.Accept(world.TellAccount(new MakeDefault(removed, null)));
        world.Accept(world.TellAccount(new RemovePaymentMethod(removed)));

        Assert.Equal(expected, world.Account().DefaultMethod);
    }

    [Fact]
    public void Remove_TheLast_LeavesNoDefaultAndTheNextIsOneAgain()
    {
        var world = World.With(Ladder).Method("a", "ok");
        world.Accept(world.TellAccount(new RemovePaymentMethod("a")));
        Assert.Null(world.Account().DefaultMethod);

        world.Method("b", "ok");
        Assert.Equal("b", world.Account().DefaultMethod);
        Assert.Equal(Problems.NotFound, Assert.IsType<Refused>(world.TellAccount(new RemovePaymentMethod("a"))).Code);
    }

    [Fact]
    public void HardDecline_EndsTheMethodForRungs_AndAnotherTokenClearsIt()
    {
        var world = World.With(Ladder).Method("a", "decline:restricted_card").Issue("I1", 100);
        Assert.Equal("restricted_card", world.Account().Methods[0].HardDecline);
        Assert.Equal("late", world.Standing());

        world.Go("1d");
        Assert.Equal(1, world.Gateway.Submissions);
        world.Method("a", "ok");
        Assert.Null(world.Account().Methods[0].HardDecline);
        Assert.Equal(2, world.Account().Methods[0].TokenCount);
        world.Go("2d");
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
    }

    [Fact]
    public void HardDecline_TheSameTokenPutAgain_ChangesNothing()
    {
        var world = World.With(Ladder).Method("a", "decline:restricted_card").Issue("I1", 100);
        var known = world.Account().Methods[0];

        world.Accept(world.TellAccount(Some.Method("a", null, known.Token)));
        Assert.Equal(known, world.Account().Methods[0]);
    }

    [Theory]
    [InlineData("restricted_card", null)]
    [InlineData("stolen_card", Problems.MethodNotUsable)]
    public void HardDecline_ByHand_OnlyTheNetworksNeverIsRefused(string code, string? refused)
    {
        var world = World.With(Ladder).Method("a", $"decline:{code}", "ok").Issue("I1", 100);

        Assert.Equal(refused, (world.Pay("a", "I1") as Refused)?.Code);
    }

    [Fact]
    public void HardDecline_ALaterSoftOne_IsTheNewestAttempt()
    {
        var world = World.With(Ladder).Method("a", "decline:stolen_card").Issue("I1", 100);
        Assert.Equal("late", world.Standing());

        world.Accept(world.PayWith("decline:insufficient_funds", "I1"));
        Assert.Equal("good", world.Standing());
    }

    [Fact]
    public void Pay_AMethodThatIsNotOnFile_IsRefused()
    {
        var world = World.With(Ladder).Issue("I1", 100, Collection.Manual, Days.At("1d"));

        Assert.Equal(Problems.MethodNotUsable, Assert.IsType<Refused>(world.Pay("x", "I1")).Code);
        Assert.Equal(Problems.MethodNotUsable, Assert.IsType<Refused>(world.Pay(null, "I1")).Code);
    }

    [Fact]
    public void Put_AgainAfterItWasRemoved_IsANewMethodAndIsChargedAtOnce()
    {
        var world = World.With("""{"collection": {"on_new_method": "charge"}}""").Issue("I1", 100).Method("card", "decline:insufficient_funds");
        Assert.Equal(1, world.Gateway.Submissions);

        world.Accept(world.TellAccount(new RemovePaymentMethod("card")));
        world.Method("card", "ok");
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("b", true)]
    [InlineData("b", false)]
    public void HardDecline_TheSameTokenComesAgain_StaysEndedUnderWhateverName(string id, bool isRemoved)
    {
        var world = World.With("""{"collection": {"retry_after": ["1d"], "on_new_method": "charge"}}""").Method("a", "decline:stolen_card").Issue("I1", 100);
        var token = world.Account().Methods[0].Token;
        if (isRemoved) world.Accept(world.TellAccount(new RemovePaymentMethod("a")));

        world.Accept(world.TellAccount(Some.Method(id, true, token)));
        world.Go("2d");
        Assert.Equal("stolen_card", world.Account().Methods.Find(id)!.HardDecline);
        Assert.Equal(1, world.Gateway.Submissions);
    }

    [Fact]
    public void Remove_MoreThanAreRemembered_TheOldestIsLetGo()
    {
        var world = World.With(Ladder);
        for (var i = 0; i <= AccountLimits.RemovedMethods; i++)
        {
            world.Method($"m{i}");
            world.Accept(world.TellAccount(new RemovePaymentMethod($"m{i}")));
        }

        Assert.Equal(AccountLimits.RemovedMethods, world.Account().RemovedMethods.Length);
        Assert.Null(world.Account().RemovedMethods.Find("m0"));
    }

    [Theory]
    [InlineData("ok", 1)]
    [InlineData("processing_ok:2d", 1)]
    [InlineData("decline:insufficient_funds", 0)]
    [InlineData("processing_fail:2d", 0)]
    public void Pay_AOneOffToBeKept_IsOnFileOnceItHasPaid(string step, int kept)
    {
        var world = World.With(Ladder).Issue("I1", 100, Collection.Manual, Days.At("1d"));
        world.Gateway.Script("once", step);

        world.Accept(world.TellAccount(Kept("pay_x")));
        Assert.Equal(step == "ok" ? 1 : 0, world.Account().Methods.Length);
        world.Go("3d");
        Assert.Equal(kept, world.Account().Methods.Count(method => method is { Token: "once", Brand: "visa", Last4: "4242" } && method.Id == Ids.KeptMethod("pay_x")));
    }

    [Fact]
    public void Pay_AOneOffToBeKept_IsChargedForTheRestOnlyWhereThePolicySaysSo_AndNeverTwice()
    {
        var world = World.With("""{"collection": {"on_new_method": "charge"}}""").Issue("I1", 100, Collection.Manual, Days.At("1d")).Issue("I2", 200);
        world.Gateway.Script("once", "ok", "ok");

        world.Accept(world.TellAccount(Kept("pay_x") with { Invoices = ["I1"] }));
        Assert.Equal([100, 200], world.Gateway.Charges.Select(charge => charge.Amount.MinorUnits));
        Assert.Empty(world.Account().Invoices);
        Assert.True(Assert.IsType<Done>(world.TellAccount(Kept("pay_x") with { Invoices = ["I1"] })).Replayed);
        Assert.Equal(2, world.Gateway.Submissions);
    }

    [Fact]
    public void Pay_AOneOffToBeKept_WhereNoFurtherMethodIsTaken_IsRefusedBeforeItIsCharged()
    {
        var world = World.With(Ladder).Issue("I1", 100, Collection.Manual, Days.At("1d"));
        for (var i = 0; i < AccountLimits.PaymentMethods; i++) world.Method($"m{i}");

        Assert.Equal(Problems.TooMany, Assert.IsType<Refused>(world.TellAccount(Kept("pay_x"))).Code);
        Assert.Equal(0, world.Gateway.Submissions);
    }

    [Fact]
    public void Rung_DefaultThenOthers_TriesTheDefaultFirstThenByAge()
    {
        var world = World.With("""{"collection": {"methods": "default_then_others"}}""").Method("a", "decline:x").Method("b", "decline:x").Method("c", "decline:x");
        world.Accept(world.TellAccount(new MakeDefault("b", null)));
        world.Issue("I1", 100);

        Assert.Equal(["b", "a", "c"], world.Invoice("I1").Attempts.Select(attempt => attempt.Method));
        Assert.Equal(RungResult.Failed, Assert.Single(world.Invoice("I1").Ladder).Result);
    }

    [Fact]
    public void Rung_ALateDecline_GoesOnWithTheNextMethod()
    {
        var world = World.With("""{"collection": {"methods": "default_then_others"}}""").Method("a", "processing_fail:2d").Method("b", "ok").Issue("I1", 100).Go("2d");

        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
        Assert.Equal(Some.Dollars(100), world.Account().Totals!.Captured);
    }

    [Fact]
    public void Rung_AfterAnError_DoesNotTryAgainWhatWasDeclinedInIt()
    {
        var world = World.With("""{"collection": {"methods": "default_then_others"}}""").Method("a", "decline:x", "ok").Method("b", "error", "ok").Issue("I1", 100).Go("1h");

        Assert.Equal(["a", "b", "b"], world.Invoice("I1").Attempts.Select(attempt => attempt.Method));
    }

    [Fact]
    public void Put_AnUnpaidBalancePolicyWithoutTheAccountsCurrency_IsRefused()
    {
        var world = World.With(Ladder);
        world.Policies = world.Policies.With("b", [Some.Policy(Some.Standings("{}", ("late", """{"any": [{"unpaid_balance": {"EUR": 5}}]}""")), "b")]);
        var reply = world.TellAccount(new PutAccount(["policy"], new AccountProfile { Id = Some.Account, Policy = "b" }));

        Assert.Equal(["policy"], Assert.IsType<Refused>(reply).Errors.Select(error => error.Path));
    }

    private static Pay Kept(string payment) => new()
    {
        Payment = payment,
        Key = Some.Key(payment),
        OneOff = new MethodCandidate(null, "sandbox", "once", MethodKind.Card),
        Keep = new MethodFace("visa", "4242"),
    };
}
