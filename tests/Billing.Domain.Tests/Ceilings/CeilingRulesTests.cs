using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>The card networks' ceilings: how many declines each allows, and from when the next attempt is allowed again.</summary>
public sealed class CeilingRulesTests
{
    [Theory]
    [InlineData("visa", 19, true)]
    [InlineData("visa", 20, false)]
    [InlineData("visa", 21, false)]
    [InlineData("Visa", 20, false)]
    [InlineData("mastercard", 34, true)]
    [InlineData("mastercard", 35, false)]
    [InlineData("mastercard", 36, false)]
    [InlineData("amex", 19, true)]
    [InlineData("amex", 20, false)]
    [InlineData(null, 19, true)]
    [InlineData(null, 20, false)]
    public void Ask_DeclinesOneADay_AllowedBelowTheCeilingOfThirtyDays(string? network, int declines, bool isAllowed)
    {
        // Fewer than ten in any 24 hours, all of them within 30 days.
        var state = Declined(Enumerable.Range(0, declines).Select(i => Days.Start + Duration.FromHours(3 * i)));

        Assert.Equal(isAllowed, Ask(state, network, Days.At("6d")).Allowed);
    }

    [Theory]
    [InlineData("mastercard", 9, true)]
    [InlineData("mastercard", 10, false)]
    [InlineData("mastercard", 11, false)]
    [InlineData(null, 9, true)]
    [InlineData(null, 10, false)]
    [InlineData("amex", 10, false)]
    [InlineData("visa", 10, true)]
    [InlineData("visa", 19, true)]
    public void Ask_DeclinesOfOneHour_AllowedBelowTheCeilingOfADay(string? network, int declines, bool isAllowed)
    {
        var state = Declined(Enumerable.Range(0, declines).Select(i => Days.Start + Duration.FromMinutes(i)));

        Assert.Equal(isAllowed, Ask(state, network, Days.At("1h")).Allowed);
    }

    [Theory]
    [InlineData("30d-1ms", false)]
    [InlineData("30d", true)]
    [InlineData("30d+1ms", true)]
    public void Ask_TheWindowMoves_AllowedFromTheVeryInstantThatIsTold(string at, bool isAllowed)
    {
        var state = Declined(Enumerable.Range(0, 20).Select(i => Days.Start + Duration.FromDays(i)));

        var answer = Ask(state, "visa", Days.At(at));

        Assert.Equal((isAllowed, isAllowed ? null : (Instant?)Days.At("30d")), (answer.Allowed, answer.FreeAt));
    }

    [Fact]
    public void Ask_TwoCeilingsAreReached_FreeWhenBothAre()
    {
        var state = Declined(Enumerable.Range(0, 35).Select(i => Days.Start + Duration.FromMinutes(i)));

        Assert.Equal(Days.At("30d"), Ask(state, "mastercard", Days.At("1h")).FreeAt);
    }

    [Fact]
    public void Declined_SaidTwice_CountsOnce()
    {
        var state = Decide(Declined(Enumerable.Range(0, 19).Select(i => Days.At($"{i}d"))), new AttemptDeclined("p-3", 1, Days.At("3d"), null), Days.At("20d")).State;

        Assert.Equal(19, state.Declines.Length);
        Assert.True(Ask(state, "visa", Days.At("20d")).Allowed);
    }

    [Fact]
    public void Declined_OverAndOver_KeepsNoMoreThanTheLargestCeilingAsksFor()
    {
        var state = Declined(Enumerable.Range(0, 500).Select(i => Days.Start + Duration.FromMinutes(i)));

        Assert.Equal(CeilingLimits.MostDeclines, state.Declines.Length);
        Assert.Equal(Days.Start + Duration.FromMinutes(480) + Duration.FromDays(30), Ask(state, "visa", Days.At("1d")).FreeAt);
    }

    [Theory]
    [InlineData("fp_1", false, null, "card/fp_1")]
    [InlineData("fp_1", true, null, "card/test~fp_1")]
    [InlineData("fp_1", true, "c", "card/test~c~fp_1")]
    public void Card_OfTestAccounts_HasAKeyOfItsOwn(string fingerprint, bool isTest, string? clock, string key) => Assert.Equal(key, GrainKeys.Card(fingerprint, isTest, clock));

    [Theory]
    [InlineData("test~fp_1")]
    [InlineData("a/b")]
    [InlineData("")]
    public void Card_AFingerprintThatIsNoId_MeetsNoOther(string fingerprint) => Assert.Equal("card/~" + Ids.Hash(fingerprint), GrainKeys.Card(fingerprint, isTest: false, clock: null));

    private static CeilingState Declined(IEnumerable<Instant> instants) =>
        instants.Select((at, i) => new AttemptDeclined($"p-{i}", 1, at, null)).Aggregate(new CeilingState(), (state, declined) => Decide(state, declined, declined.SubmittedAt).State);

    private static CeilingAnswered Ask(CeilingState state, string? network, Instant at)
    {
        var asked = Assert.Single(Decide(state, new AskCeiling("p", 2, "fp", network, null), at).Messages);
        Assert.Equal("pay/p", asked.To);
        return Assert.IsType<CeilingAnswered>(asked.Message);
    }

    private static Decision<CeilingState> Decide(CeilingState state, Message message, Instant now) => CeilingRules.Decide(state, message, now);
}
