namespace Billing.Domain.Tests;

/// <summary>The document for the whole unpaid balance: never a second debt.</summary>
public sealed class BalanceInvoiceTests
{
    private const string Document = """
        {"invoice": {"balance_invoice": true}, "standings": [
          {"name": "warned", "when": {"unpaid_for": "1d"}},
          {"name": "late", "when": {"unpaid_for": "2d"}, "deny": ["purchase"], "message": "Pay."},
          {"name": "worse", "when": {"unpaid_for": "4d"}, "deny": ["purchase"], "message": "Pay."}]}
        """;

    [Fact]
    public void Issue_OnEachEntryIntoADenyingStanding_NamesWhatIsUnpaid()
    {
        var world = WithDebts().Go("2d-1ms");
        Assert.Null(world.Account().Balance);

        world.Go("2d");
        var first = world.Invoice("acme~balance~1");
        Assert.Equal("BAL-000001", first.Number);
        Assert.Equal(["A", "B"], first.Settles.Select(settled => settled.Invoice));
        Assert.Equal(Some.Dollars(300), first.Due);
        Assert.Equal("acme~balance~1", world.Invoice("A").SettledBy);

        world.Go("4d");
        Assert.Equal(InvoiceStatus.Void, world.Invoice("acme~balance~1").Status);
        Assert.Equal("acme~balance~2", world.Invoice("acme~balance~1").SupersededBy);
        Assert.Equal(InvoiceStatus.Open, world.Invoice("acme~balance~2").Status);
    }

    [Fact]
    public void Issue_AnotherInvoiceBecomesUnpaidInADenyingStanding_SupersedesTheOneBefore()
    {
        var world = WithDebts().Go("2d").Issue("C", 50, Collection.Manual, Days.At("3d")).Go("3d");

        Assert.Equal("acme~balance~2", world.Invoice("acme~balance~1").SupersededBy);
        Assert.Equal(Some.Dollars(350), world.Invoice("acme~balance~2").Due);
        Assert.Equal(Some.Dollars(350), world.View().AmountDue);
    }

    [Fact]
    public void Due_IsWhatIsDueOnTheNamed_AndPaidWhenThatIsNothing()
    {
        var world = WithDebts().Go("2d").Issue("C", 50, Collection.Manual, Days.At("9d"));
        world.Accept(world.PayWith("ok", "A"));
        Assert.Equal(Some.Dollars(200), world.Invoice("acme~balance~1").Due);

        world.Accept(world.PayWith("ok", "acme~balance~1"));
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("acme~balance~1").Status);
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("B").Status);
        Assert.Equal(InvoiceStatus.Open, world.Invoice("C").Status);
        Assert.Null(world.Account().Balance);
    }

    [Fact]
    public void Void_TheNamed_PaysTheBalanceInvoice()
    {
        var world = WithDebts().Go("2d");
        world.Accept(world.Void("A"));
        world.Accept(world.Void("B"));

        Assert.Equal(InvoiceStatus.Paid, world.Invoice("acme~balance~1").Status);
    }

    [Fact]
    public void Issue_TheEntryIsRecordedWithThePaymentThatEndsIt_IsPaidToo()
    {
        // Nobody woke the account, and the word that paid everything is the first to reach it.
        var world = WithDebts();
        world.Accept(world.PayWith("processing"));
        world.SleepUntil(Days.At("30d"));
        var payment = Assert.Single(world.Payments);
        world.Tell(GrainKeys.Payment(payment.Id), new GatewayReported("e", 1, AttemptOutcome.Succeeded, null, Some.Dollars(300), null, world.Now));

        Assert.Equal("good", world.Standing());
        Assert.Null(world.Account().Balance);
        var issued = world.Events.Count(e => e.Type == "invoice.issued" && e.Data["kind"]!.GetValue<string>() == "balance");
        Assert.Equal(InvoiceStatus.Paid, world.Invoice($"acme~balance~{issued}").Status);
    }

    [Fact]
    public void Put_ItsName_IsTaken()
    {
        var world = WithDebts().Go("2d");
        Assert.Equal(Problems.IdTaken, Assert.IsType<Refused>(world.Put("acme~balance~1", Some.Content(1))).Code);
    }

    private static World WithDebts() =>
        World.With(Document, clock: null).Issue("A", 100, Collection.Manual, Days.Start).Issue("B", 200, Collection.Manual, Days.Start);
}
