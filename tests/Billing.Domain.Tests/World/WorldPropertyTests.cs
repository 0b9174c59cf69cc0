using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>
/// Whatever people and gateways do, in whatever order it arrives, once or twice, on time or late: the invariants hold after
/// every decision (the world asks them), no money is lost, and paying everything gives <c>good</c>.
/// </summary>
public sealed class WorldPropertyTests
{
    private const int Histories = 200;

    private static readonly string[] Scripts =
    [
        "ok", "decline:insufficient_funds", "decline:stolen_card", "processing_ok:20h", "processing_fail:20h", "processing_ok:3d", "timeout", "timeout_captured", "error", "processing_fail:9d",
    ];

    private static readonly string[] Documents =
    [
        Some.Standings("""{"retry_after": ["1d", "2d", "5d"], "methods": "default_then_others"}""",
            ("a", """{"collection_failed": true}"""), ("b", """{"any": [{"unpaid_for": "3d"}, {"unpaid_invoices": 3}]}"""), ("c", """{"in_standing": {"b": "4d"}}""")),
        Some.Standings("""{"charge": "at_due", "due_after": "3d", "retry_after": ["6h", "12h"], "retry_methods": "default_then_others"}""",
            ("a", """{"unpaid_balance": {"USD": 1000}}"""), ("b", """{"retries_exhausted": true}"""), ("c", """{"hard_declined": true, "unpaid_for": "1d"}""")),
        """
        {"collection": {"retry_after": ["1d"]}, "invoice": {"balance_invoice": true}, "standings": [
          {"name": "a", "when": {"retries_exhausted": true}, "deny": ["purchase"], "message": "Pay.", "on_enter": ["notice:a"]},
          {"name": "b", "when": {"unpaid_for": "6d"}, "deny": ["purchase", "login.sso"], "message": "Pay."}]}
        """,
    ];

    [Fact]
    public void History_Whatever_KeepsTheInvariantsAndEndsGoodWhenPaid() => Holds(Gen.ListOf(Gen.Choose(0, 99_999)), (history, seed) =>
    {
        var world = Lived(history, seed);
        AssertConserved(world);
        AssertNothingIsStuck(world);
        PayEverything(world);
        AssertConserved(world);
        Assert.Equal("good", world.Standing());
        Assert.Equal(Some.Dollars(0), world.View().AmountDue);
        Assert.Empty(world.Account().Payments);
        Assert.DoesNotContain(world.Account().Standing!.Entered, _ => true);
        return true;
    });

    [Fact]
    public void Timeline_TimeDriven_IsTheSameHoweverLateTheWakeUps() => Holds(Debts(), (debts, seed) =>
    {
        var punctual = WithDebts(debts, seed);
        punctual.AdvanceTo(Days.At("60d"));

        var late = WithDebts(debts, seed);
        var order = new Random(seed);
        while (late.Now < Days.At("60d"))
        {
            late.SleepUntil(Instant.Min(Days.At("60d"), late.Now + Duration.FromMinutes(order.Next(1, 40_000))));
            late.Happen();
        }

        Assert.Equal(punctual.Timeline(), late.Timeline());
        return true;
    });

    [Fact]
    public void Gate_TimeDrivenAndNobodyEverWoken_IsRightAtEachInstant() => Holds(Debts(), (debts, seed) =>
    {
        var punctual = WithDebts(debts, seed);
        punctual.AdvanceTo(Days.At("60d"));

        var asleep = WithDebts(debts, seed);
        var expected = "good";
        foreach (var (at, standing) in punctual.Timeline())
        {
            asleep.SleepUntil(at - Days.Ms);
            Assert.Equal(expected, asleep.Standing());
            expected = standing;
            asleep.SleepUntil(at);
            Assert.Equal(expected, asleep.Standing());
            asleep.SleepUntil(at + Days.Ms);
            Assert.Equal(expected, asleep.Standing());
            Assert.Equal(at, asleep.Gate().StandingSince);
        }

        return true;
    });

    [Fact]
    public void Blockers_PayingExactlyThem_LiftsTheDenial() => Holds(Debts(), (debts, seed) =>
    {
        var world = WithDebts(debts, seed);
        world.AdvanceTo(Days.At("30d"));
        var gate = world.Gate();
        if (gate.Allowed) return true;
        world.Accept(world.PayWith("ok", [.. gate.Blockers[0].Invoices.Select(invoice => invoice.Id)]));
        Assert.Equal(gate.AmountToClear, world.Gateway.Charges[^1].Amount);
        Assert.True(world.Gate().Allowed);
        return true;
    });

    private static World Lived(IEnumerable<int> history, int seed)
    {
        var world = World.With(Documents[seed % Documents.Length], new Random(seed), seed % 2 == 0 ? Some.Clock : null).Method("m0", "decline:insufficient_funds", "ok");
        var invoices = 0;
        foreach (var step in history.Take(40)) Live(world, step, ref invoices);
        world.AdvanceTo(world.Now + Duration.FromDays(40));
        return world;
    }

    private static void Live(World world, int step, ref int invoices)
    {
        var (kind, argument) = (step % 10, step / 10);
        var invoice = string.Create(CultureInfo.InvariantCulture, $"I{argument % Math.Max(1, invoices)}");
        var script = Scripts[argument % Scripts.Length];
        switch (kind)
        {
            case 0 or 1:
                world.Issue(string.Create(CultureInfo.InvariantCulture, $"I{invoices++}"), 1 + argument % 700, argument % 3 == 0 ? Collection.Manual : Collection.Automatic,
                    argument % 4 == 0 ? world.Now + Duration.FromHours(argument % 100) : null);
                break;
            case 2:
                world.PayWith(script, invoice);
                break;
            case 3:
                world.PayWith(script);
                break;
            case 4:
                world.Void(invoice);
                break;
            case 5:
                world.PutMethod($"m{argument % 3}", [script, Scripts[argument / 10 % Scripts.Length]], argument % 2 == 0 ? true : null);
                break;
            case 6:
                world.TellAccount(new RemovePaymentMethod($"m{argument % 3}"));
                break;
            case 7:
                Contradict(world, argument);
                break;
            case 8:
                // Everybody sleeps, and then wakes at once.
                world.SleepUntil(world.Now + Duration.FromMinutes(argument % 9_000));
                world.Happen();
                break;
            default:
                world.AdvanceTo(world.Now + Duration.FromMinutes(argument % 6_000));
                break;
        }
    }

    /// <summary>The gateway says again, or late, or instead of a decline, that it captured.</summary>
    private static void Contradict(World world, int argument)
    {
        var charges = world.Gateway.Charges;
        if (charges.Count == 0) return;
        var charge = charges[argument % charges.Count];
        var report = charge.Outcome == AttemptOutcome.Declined && argument % 2 == 0
            ? world.Gateway.Settle(charge, AttemptOutcome.Succeeded, world.Now).Report
            : ScriptedGateway.ReportOf(charge);
        world.Tell(GrainKeys.Payment(charge.Payment), report);
    }

    private static void PayEverything(World world)
    {
        for (var i = 0; i < 5 && world.View().AmountDue.IsPositive; i++)
        {
            world.PayWith("ok");
            world.AdvanceTo(world.Now + Duration.FromDays(20));
        }
    }

    private static void AssertConserved(World world)
    {
        var captured = world.Gateway.Charges.Where(charge => charge.Outcome == AttemptOutcome.Succeeded).Sum(charge => charge.Amount.MinorUnits);
        var totals = world.Account().Totals!;
        var credit = world.Account().Prepayment.Sum(lot => lot.Amount.MinorUnits);
        Assert.Equal(captured, totals.Captured.MinorUnits);
        Assert.Equal(captured, totals.Applied.MinorUnits + credit);
        Assert.Equal(captured, world.Payments.Sum(payment => payment.Captured?.MinorUnits ?? 0));
        Assert.All(world.Invoices.Where(invoice => invoice.Paid is not null), invoice => Assert.Equal(invoice.Paid, invoice.Payments.Sum(invoice.Paid!.Value.Currency, part => part.Amount)));
        Assert.Equal(credit, world.Payments.Sum(payment => payment.Prepayment?.MinorUnits ?? 0));
    }

    /// <summary>Whoever has not ended has a deadline, or waits for one who has.</summary>
    private static void AssertNothingIsStuck(World world)
    {
        var account = world.Account();
        foreach (var payment in account.Payments)
        {
            var isWaiting = payment.Status == PaymentStatus.Created && account.Invoices.Find(payment.Invoices[0]) is { ReservedBy: not null, WaitingRung: not null };
            Assert.True(isWaiting || PaymentRules.Due(world.Payment(payment.Id)) is not null, $"{payment} is stuck");
        }

        foreach (var open in account.Invoices.Where(invoice => invoice.Collection == Collection.Automatic))
        {
            var asked = world.Invoice(open.Id).NextRung - 1;
            var isUnderWay = open.WaitingRung == asked || account.Payments.Any(payment => payment.Rung == asked && payment.Invoices.Contains(open.Id));
            Assert.True(isUnderWay || world.Invoice(open.Id).Ladder.Any(rung => rung.Rung == asked), $"rung {asked} of {open.Id} is lost");
        }
    }

    /// <summary>Manual invoices alone: nothing waits for an attempt.</summary>
    private static World WithDebts(IEnumerable<int> debts, int seed)
    {
        var world = World.With(Documents[seed % Documents.Length], clock: null);
        var i = 0;
        foreach (var debt in debts.Take(12)) world.Issue($"I{i++}", 1 + debt % 700, Collection.Manual, Days.Start + Duration.FromHours(1 + debt % 1_000));
        return world;
    }

    private static Gen<List<int>> Debts() => Gen.ListOf(Gen.Choose(0, 99_999)).Select(debts => debts.ToList());

    private static void Holds<T>(Gen<T> histories, Func<T, int, bool> property) =>
        Check.One(Properties.Of(Histories), Prop.ForAll(histories.ToArbitrary(), Gen.Choose(0, 1_000_000).ToArbitrary(), (history, seed) => property(history, seed)));
}
