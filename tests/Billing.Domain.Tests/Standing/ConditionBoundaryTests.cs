using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>Each condition: 1 ms before its instant, at it, 1 ms after, and asked 30 days late.</summary>
public sealed class ConditionBoundaryTests
{
    /// <summary>
    /// Three manual invoices of 100, 200 and 300 due on days 10, 12 and 14, and one automatic of 50 issued on day 0 whose
    /// only retry follows two days later; both its attempts are declined, the second one hard.
    /// </summary>
    public static TheoryData<string, string> Instants() => new()
    {
        { """{"unpaid_for": "30d"}""", "30d" },
        { """{"unpaid_for": "1m"}""", "1m" },
        { """{"unpaid_invoices": 1}""", "0d" },
        { """{"unpaid_invoices": 2}""", "10d" },
        { """{"unpaid_invoices": 4}""", "14d" },
        { """{"unpaid_balance": {"USD": 50}}""", "0d" },
        { """{"unpaid_balance": {"USD": 51}}""", "10d" },
        { """{"unpaid_balance": {"USD": 150}}""", "10d" },
        { """{"unpaid_balance": {"USD": 151}}""", "12d" },
        { """{"unpaid_balance": {"USD": 650}}""", "14d" },
        { """{"collection_failed": true}""", "0d" },
        { """{"retries_exhausted": true}""", "2d" },
        { """{"hard_declined": true}""", "2d" },
        { """{"tagged": "vip"}""", "0d" },
        { """{"not": {"tagged": "other"}}""", "0d" },
        { """{"tagged": "vip", "unpaid_for": "3d"}""", "3d" },
        { """{"all": [{"unpaid_for": "3d"}, {"unpaid_invoices": 2}]}""", "10d" },
        { """{"any": [{"unpaid_for": "11d"}, {"unpaid_invoices": 3}]}""", "11d" },
        { """{"any": [{"unpaid_for": "13d"}, {"unpaid_invoices": 3}]}""", "12d" },
        { """{"all": [{"any": [{"hard_declined": true}, {"unpaid_for": "1d"}]}, {"not": {"tagged": "other"}}]}""", "1d" },
    };

    /// <summary>What never holds.</summary>
    public static TheoryData<string> Never() =>
    [
        """{"unpaid_invoices": 5}""",
        """{"unpaid_balance": {"USD": 651}}""",
        """{"tagged": "other"}""",
        """{"not": {"tagged": "vip"}}""",
        """{"all": [{"unpaid_for": "1d"}, {"tagged": "other"}]}""",
    ];

    [Theory]
    [MemberData(nameof(Instants))]
    public void Gate_AroundTheInstant_DeniesFromItOn(string when, string instant)
    {
        var world = WithDebts(when);
        var at = Days.At(instant);
        if (at > Days.Start)
        {
            world.AdvanceTo(at - Days.Ms);
            Assert.Equal("good", world.Standing());
        }

        world.AdvanceTo(at);
        Assert.Equal("late", world.Standing());
        Assert.Equal([(at, "late")], world.Timeline());
        world.AdvanceTo(at + Days.Ms);
        Assert.Equal("late", world.Standing());
        Assert.Equal(at, world.Gate().StandingSince);
    }

    [Theory]
    [MemberData(nameof(Instants))]
    public void Gate_NobodyWakesTheAccount_IsRightAtEachInstant(string when, string instant)
    {
        // What waits for an attempt has to wait for it; the days need nobody.
        var world = WithDebts(when);
        world.AdvanceTo(Instant.Min(Days.At("2d"), Days.At(instant)));
        foreach (var late in new[] { -Days.Ms, Duration.Zero, Days.Ms, Duration.FromDays(30) })
        {
            var at = Days.At(instant) + late;
            if (at < world.Now) continue;
            world.SleepUntil(at);
            Assert.Equal(late < Duration.Zero ? "good" : "late", world.Standing());
        }

        Assert.Equal(Days.At(instant), world.Gate().StandingSince);
        world.Happen();
        Assert.Equal([(Days.At(instant), "late")], world.Timeline());
    }

    [Theory]
    [MemberData(nameof(Never))]
    public void Gate_AConditionThatNeverHolds_StaysGood(string when)
    {
        var world = WithDebts(when).Go("400d");

        Assert.Equal("good", world.Standing());
        Assert.Empty(world.Timeline());
        Assert.Null(world.View().Next);
    }

    [Theory]
    [MemberData(nameof(Instants))]
    public void Paid_EverythingUnpaid_IsGoodWhateverTheConditionSays(string when, string instant)
    {
        var world = WithDebts(when).Go("31d");
        Assert.Equal([(Days.At(instant), "late")], world.Timeline());

        world.Accept(world.PayWith("ok"));
        Assert.Equal("good", world.Standing());
        Assert.Null(world.Account().Episode);
        Assert.Equal(1, world.Events.Count(e => e.Type == "standing.cleared"));
    }

    [Theory]
    [InlineData("""{"unpaid_for": "30d"}""", "70d")]
    [InlineData("""{"unpaid_invoices": 1}""", "40d")]
    [InlineData("""{"unpaid_balance": {"USD": 100}}""", "40d")]
    [InlineData("""{"collection_failed": true}""", "40d")]
    [InlineData("""{"retries_exhausted": true}""", "42d")]
    public void Paid_ThenANewDebt_IsEnteredAgainAtItsOwnInstant(string when, string again)
    {
        var world = WithDebts(when).Go("35d");
        world.Accept(world.PayWith("ok"));
        world.Events.Clear();

        world.Issue("I9", 100, Collection.Manual, Days.At("40d")).Go("100d");
        Assert.Equal([(Days.At(again), "late")], world.Timeline());
    }

    private static World WithDebts(string when)
    {
        var document = Some.Standings("""{"retry_after": ["2d"]}""", ("late", when));
        var world = new World(Some.Book(document), Days.Start);
        world.Accept(world.TellAccount(Some.Profile(tags: ["vip"])));
        world.Method("card", "decline:insufficient_funds", "decline:stolen_card");
        world.Issue("M1", 100, Collection.Manual, Days.At("10d")).Issue("M2", 200, Collection.Manual, Days.At("12d")).Issue("M3", 300, Collection.Manual, Days.At("14d"));
        return world.Issue("A1", 50);
    }
}
