namespace Billing.Domain.Tests;

/// <summary>
/// What paid an invoice, and what was taken back of it: every entry is true when it is added and none is changed later, so that
/// their sum, with the granted credit that was spent on it, is what is paid on it.
/// </summary>
public sealed class InvoicePaymentsTests
{
    private readonly World _world = World.With("""{"standings": []}""").Method("card", "ok");

    [Fact]
    public void Reversal_OfAPart_IsANegativeEntry_AndPayingTheRestAnotherOne()
    {
        _world.Issue("I", 2000);
        Reverse("I~0", 500);

        Assert.Equal([("I~0", 2000L), ("I~0", -500L)], Payments());
        _world.Accept(_world.PayWith("ok", "I"));
        Assert.Equal([2000L, -500L, 500L], Payments().Select(entry => entry.Amount));
        AssertSum(2000);
    }

    [Fact]
    public void Reversal_OfAll_TakesAllBack()
    {
        _world.Issue("I", 2000);
        Reverse("I~0", null);

        Assert.Equal([("I~0", 2000L), ("I~0", -2000L)], Payments());
        AssertSum(0);
    }

    [Fact]
    public void Reversal_OfAnInvoiceThatPrepaymentPaysAgainAtOnce_SaysBoth()
    {
        _world.Issue("I", 2000);
        _world.Accept(_world.Receive("wire", 700));
        Reverse("I~0", null);

        Assert.Equal([("I~0", 2000L), ("I~0", -2000L), ($"{Some.Account}~received~wire", 700L)], Payments());
        AssertSum(700);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Refund_Reopened_OrWithACreditNote_IsANegativeEntry(bool reopen)
    {
        _world.Issue("I", 2000);
        _world.Refund("I~0", 500, reopen, out _);
        _world.Refund("I~0", 300, reopen, out _);

        Assert.Equal([2000L, -500L, -300L], Payments().Select(entry => entry.Amount));
        AssertSum(1200);
    }

    [Fact]
    public void Reversal_OfOneOfTwoPayments_TakesBackOnlyItsOwn()
    {
        _world.Issue("I", 2000, Collection.Manual, Days.At("10d"));
        _world.Accept(_world.Receive("first", 1200, "I"));
        _world.Accept(_world.Receive("second", 800, "I"));
        Reverse($"{Some.Account}~received~first", 1000);

        Assert.Equal([($"{Some.Account}~received~first", 1200L), ($"{Some.Account}~received~second", 800L), ($"{Some.Account}~received~first", -1000L)], Payments());
        AssertSum(1000);
    }

    [Fact]
    public void Void_GivesBackWhatWasPaid_AsANegativeEntry()
    {
        _world.Issue("I", 2000, Collection.Manual, Days.At("10d"));
        _world.Accept(_world.Receive("wire", 500, "I"));
        _world.Accept(_world.Void("I"));

        Assert.Equal([500L, -500L], Payments().Select(entry => entry.Amount));
        AssertSum(0);
    }

    [Fact]
    public void GrantedCredit_IsPaid_AndNoPayment()
    {
        _world.Accept(_world.TellAccount(new GrantCredit("gift", CreditKind.Prepayment, Some.Dollars(300), null, _world.NextKey())));
        _world.Issue("I", 2000);
        Reverse("I~0", 200);

        Assert.Equal([1700L, -200L], Payments().Select(entry => entry.Amount));
        AssertSum(1800, granted: 300);
    }

    private void Reverse(string payment, long? amount) =>
        _world.Accept(_world.Tell(GrainKeys.Payment(payment), new ReversePayment(amount is { } some ? Some.Dollars(some) : null, "returned", _world.NextKey())));

    private (string Payment, long Amount)[] Payments() => [.. _world.Invoice("I").Payments.Select(entry => (entry.Payment, entry.Amount.MinorUnits))];

    private void AssertSum(long paid, long granted = 0)
    {
        Assert.Equal(Some.Dollars(paid), _world.Invoice("I").Paid);
        Assert.Equal(paid - granted, Payments().Sum(entry => entry.Amount));
    }
}
