using NodaTime;

namespace Billing.Domain.Tests.Notices;

/// <summary>What a notice tells: the account as it was when the notice was promised, and what comes.</summary>
public sealed class NoticeFactsTests
{
    private const string All = """
        {"collection": {"retry_after": ["2d"], "notices": {"attempt_failed": "failed", "recovered": "back", "before_due": {"notice": "soon", "before": "2d"}, "issued": "bill", "paid": "thanks"}},
         "standings": [
          {"name": "late", "when": {"unpaid_for": "1d"}, "deny": ["purchase"], "message": "Pay.", "on_enter": ["notice:late"]},
          {"name": "gone", "when": {"in_standing": {"late": "9d"}}, "deny": ["purchase"], "message": "All is gone.", "on_enter": ["delete_resources"],
           "requires_notice": [{"notice": "warning", "at": "-3d", "at_least": "48h"}]}]}
        """;

    [Fact]
    public void Standing_TellsWhatIsUnpaidAndWhatComes()
    {
        var facts = Of(Owing().Go("1d"), "late");

        Assert.Equal((NoticeKind.Standing, "late", "Pay.", Days.At("1d")), (facts.Kind, facts.Standing, facts.Message, facts.At));
        Assert.Equal(Some.Dollars(100), facts.Unpaid);
        Assert.Equal([new NoticeInvoice("I1", "INV-000001", Days.Start, Some.Dollars(100))], facts.Invoices.ToArray());
        Assert.Equal(new NoticeStep("gone", Days.At("10d"), Deletes: true), facts.Next);
    }

    [Fact]
    public void Warning_TellsTheEarliestInstantOfItsStep()
    {
        Assert.Equal(new NoticeStep("gone", Days.At("10d"), Deletes: true), Of(Owing().Go("8d"), "warning").Next);

        var late = Owing().Go("2d");
        late.SleepUntil(Days.At("9d"));
        late.Happen();
        Assert.Equal(Days.At("11d"), Of(late, "warning").Next!.At);
    }

    [Fact]
    public void AttemptFailed_TellsInvoiceMethodCodeAndTheNextTry()
    {
        var world = World.With(All).Method("card", "decline:insufficient_funds").Issue("I1", 100).Go("1h");
        var facts = Of(world, "failed");

        Assert.Equal(("INV-000001", "insufficient_funds", MethodKind.Card), (facts.Invoice!.Number, facts.Code, facts.Method!.Kind));
        Assert.Equal(Days.At("2d"), facts.NextAttemptAt);
    }

    [Fact]
    public void BeforeDue_TellsTheInvoice() =>
        Assert.Equal("INV-000001", Of(World.With(All).Issue("I1", 100, Collection.Manual, Days.At("5d")).Go("3d"), "soon").Invoice!.Number);

    [Fact]
    public void Issued_TellsTheDocument()
    {
        var document = Of(World.With(All).Issue("I1", 100, Collection.Manual, Days.At("5d")), "bill").Document!;

        Assert.Equal([new InvoiceLine("work", 100)], document.Lines.ToArray());
        Assert.Equal((Some.Dollars(100), Some.Dollars(0), Some.Dollars(0), Some.Dollars(100), (Instant?)null), (document.Net, document.Promo, document.Tax, document.Total, document.ChargedAt));
    }

    [Theory]
    [InlineData(120, 120)]
    [InlineData(121, 120)]
    [InlineData(500, 120)]
    public void Issued_LongDescription_IsCut(int length, int told)
    {
        var world = World.With(All);
        world.Tell(GrainKeys.Invoice("I1"), new PutInvoice(Some.Account, null, Test: false, Some.Usd, new InvoiceContent { Lines = [new InvoiceLine(new string('x', length), 1)] }, Draft: false));

        Assert.Equal(told, Of(world, "bill").Document!.Lines[0].Description.Length);
    }

    [Fact]
    public void Paid_TellsAmountPartsAndCredit()
    {
        var world = Owing().Go("1d");
        world.Accept(world.PayWith("ok", "I1"));
        var payment = Of(world, "thanks").Payment!;

        Assert.Equal((Some.Dollars(100), Some.Dollars(0)), (payment.Amount, payment.Credit));
        Assert.Equal([new NoticeInvoice("I1", "INV-000001", Days.Start, Some.Dollars(100))], payment.Parts.ToArray());
        Assert.Equal("good", Of(world, "back").Standing);
        Assert.Equal(Some.Dollars(0), Of(world, "back").Unpaid);
    }

    [Theory]
    [InlineData(20, 20, 0)]
    [InlineData(21, 20, 1)]
    public void Invoices_AtMostTwentyAreListed(int unpaid, int listed, int leftOut)
    {
        var world = World.With(All);
        for (var i = 0; i < unpaid; i++) world.Issue($"I{i}", 1, Collection.Manual, Days.Start);
        var facts = Of(world.Go("1d"), "late");

        Assert.Equal((listed, leftOut, Some.Dollars(unpaid)), (facts.Invoices.Length, facts.InvoicesLeftOut, facts.Unpaid!.Value));
    }

    private static World Owing() => World.With(All).Issue("I1", 100, Collection.Manual, Days.Start);

    private static NoticeFacts Of(World world, string notice) => world.Notices.Last(sent => sent.Notice == notice).Facts!;
}
