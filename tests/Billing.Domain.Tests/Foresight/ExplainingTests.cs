using NodaTime;

namespace Billing.Domain.Tests.Foresight;

/// <summary>Why an account stands as it stands, as a colleague would say it.</summary>
public sealed class ExplainingTests
{
    private const string Policy =
        """
        {"cycle": {"interval": "30d"}, "standings": [
          {"name": "late", "when": {"any": [{"unpaid_for": "2d"}, {"unpaid_invoices": 2}]}, "deny": ["purchase"], "message": "Pay."},
          {"name": "stopped", "when": {"in_standing": {"late": "90m"}, "not": {"tagged": "vip"}}, "deny": ["purchase"], "message": "Pay."},
          {"name": "deleted", "when": {"in_standing": {"stopped": "5d"}}, "deny": ["purchase"], "message": "Pay.", "on_enter": ["delete_resources"],
           "requires_notice": [{"notice": "warning", "at": "-3d", "at_least": "48h"}]}]}
        """;

    [Fact]
    public void Explain_OfNobody_IsNothing() => Assert.Null(Explaining.Of(new AccountState(), Some.Book(Policy), Days.Start));

    [Fact]
    public void Explain_OfAGoodAccount_SaysWhatIsOpen()
    {
        var world = World.With(Policy).Issue("I1", 2000, Collection.Manual, Days.At("3d"));

        Assert.Equal(
            [
                "The account is good: no invoice is unpaid. It follows version 1 of policy p.",
                "Invoice INV-000001 is open and not unpaid: 20.00 USD, due 2026-03-04 00:00 UTC.",
                "If nothing is paid it becomes late on 2026-03-06 00:00 UTC.",
                "If nothing is paid it becomes stopped on 2026-03-06 01:30 UTC.",
                "If nothing is paid it becomes deleted on 2026-03-11 01:30 UTC.",
            ],
            Sentences(world));
    }

    [Fact]
    public void Explain_OfAStoppedAccount_NamesTheConditionTheInvoicesAndTheNotice()
    {
        var world = World.With(Policy).Issue("I1", 2000, Collection.Manual).Issue("I2", 500, Collection.Manual, Days.At("12h"));
        world.Go("1d");

        var told = Explaining.Of(world.Account(), world.Policies, world.Now)!;

        Assert.Equal(
            [
                "The account has been stopped since 2026-03-01 13:30 UTC, under version 1 of policy p.",
                "It is stopped because the account has been late or worse for 90 minutes, from 2026-03-01 13:30 UTC on.",
                "It is stopped because the account is not tagged vip.",
                "Invoice INV-000001 has been unpaid since 2026-03-01 00:00 UTC: 20.00 USD is due on it.",
                "Invoice INV-000002 has been unpaid since 2026-03-01 12:00 UTC: 5.00 USD is due on it.",
                "If nothing is paid it becomes deleted on 2026-03-06 13:30 UTC.",
                "Before it becomes deleted the notice warning has to be delivered; it is not sent yet.",
                "Paying all that is unpaid, 25.00 USD, makes the standing good at once.",
            ],
            [.. told.Sentences]);
        Assert.Equal([("late", "milder", Days.At("12h")), ("stopped", "present", Days.At("13h30m")), ("deleted", "worse", Days.At("5d13h30m"))], told.Standings.Select(item => (item.Standing, item.Place, item.At!.Value)));
        Assert.Equal([("unpaid_for 2d", false, Days.At("2d")), ("unpaid_invoices 2", true, Days.At("12h"))], told.Standings[0].Conditions.Select(item => (item.Condition, item.Holds, item.From!.Value)));
        Assert.Equal(["I1", "I2"], [.. told.Standings[0].Conditions[1].Invoices]);
    }

    [Fact]
    public void Explain_OfALivePayment_SaysUntilWhenItHoldsOff()
    {
        var world = World.With(Policy).Issue("I1", 2000, Collection.Manual).Issue("I2", 500, Collection.Manual);
        world.PayWith("processing");

        var told = Explaining.Of(world.Account(), world.Policies, world.Now)!;

        var held = Assert.Single(told.HeldOff);
        Assert.Equal(("live_payment", Days.At("1d")), (held.Kind, held.Until!.Value));
        Assert.Contains($"Payment {held.Subject} is under way: nothing gets worse for what it pays until 2026-03-02 00:00 UTC.", told.Sentences);
        Assert.Equal(held.Subject, told.Invoices[0].Payment);
        Assert.Contains(told.Standings[2].Waits, wait => wait.Kind == "live_payment" && wait.Subject == held.Subject);
    }

    [Fact]
    public void Explain_OfADeletionThatWaits_SaysForWhat()
    {
        var world = World.With(Policy).Issue("I1", 2000, Collection.Manual);
        world.Accept(world.TellAccount(new PutHold(HoldCategory.Legal, ["purchase"], "Case 17")));
        world.Go("9d");

        var told = Sentences(world);

        Assert.Contains("It does not become deleted as long as a legal hold stands.", told);
        Assert.Contains("A legal hold has denied purchase since 2026-03-01 00:00 UTC: \"Case 17\". Paying does not lift it.", told);
    }

    [Theory]
    [InlineData(true, "Enforcement has been off since 2026-03-01 00:00 UTC: invoices go on counting, and no step is taken.")]
    [InlineData(false, "An extension runs until 2026-03-08 00:00 UTC: until then nothing gets worse and nothing is cancelled.")]
    public void Explain_OfAPause_SaysSo(bool isOff, string sentence)
    {
        var world = World.With(Policy);
        world.Accept(world.TellAccount(isOff ? new PutControls(EnforcementOff: true, AutoPayOff: null) : new Extend(Days.At("7d"), "agreed", world.NextKey())));
        world.Issue("I1", 2000, Collection.Manual);
        world.Go("5d");

        var told = Sentences(world);

        Assert.Equal("The account is good although an invoice is unpaid, under version 1 of policy p.", told[0]);
        Assert.Contains(sentence, told);
    }

    [Fact]
    public void Explain_OfSubscriptions_SaysHowTheyStand()
    {
        var world = World.With(Policy).Method("card", "ok", "decline:insufficient_funds");
        world.Accept(world.TellAccount(new PutSubscription("S", "plan", Some.Dollars(500), null)));
        world.AdvanceTo(world.Now);
        Assert.Contains("Subscription S is active; it is billed next on 2026-03-31 00:00 UTC.", Sentences(world));
        world.Go("30d");
        Assert.Contains("Subscription S is past due: an invoice of its own is unpaid; it is billed next on 2026-04-30 00:00 UTC.", Sentences(world));
    }

    private static string[] Sentences(World world) => [.. Explaining.Of(world.Account(), world.Policies, world.Now)!.Sentences];
}
