using NodaTime;

namespace Billing.Domain.Tests;

public sealed class ConditionTests
{
    [Theory]
    [InlineData("""{}""", "", "at least one condition")]
    [InlineData("""{"source": "s", "assumption": "a"}""", "", "at least one condition")]
    [InlineData("""[]""", "", "object")]
    [InlineData("""{"unpaid_fro": "1d"}""", ".unpaid_fro", "Did you mean unpaid_for?")]
    [InlineData("""{"unpaid_for": 30}""", ".unpaid_for", "duration")]
    [InlineData("""{"unpaid_for": "1d", "unpaid_for": "2d"}""", ".unpaid_for", "more than once")]
    [InlineData("""{"unpaid_invoices": 1.5}""", ".unpaid_invoices", "from 1 to 200")]
    [InlineData("""{"unpaid_invoices": "2"}""", ".unpaid_invoices", "whole number")]
    [InlineData("""{"unpaid_balance": 26000}""", ".unpaid_balance", "object")]
    [InlineData("""{"unpaid_balance": {}}""", ".unpaid_balance", "at least one currency")]
    [InlineData("""{"unpaid_balance": {"source": "s"}}""", ".unpaid_balance", "at least one currency")]
    [InlineData("""{"unpaid_balance": {"usd": 1}}""", ".unpaid_balance.usd", "ISO 4217")]
    [InlineData("""{"unpaid_balance": {"USD": 1e400}}""", ".unpaid_balance.USD", "whole number")]
    [InlineData("""{"collection_failed": false}""", ".collection_failed", "Must be true")]
    [InlineData("""{"retries_exhausted": "true"}""", ".retries_exhausted", "Must be true")]
    [InlineData("""{"hard_declined": null}""", ".hard_declined", "Must be true")]
    [InlineData("""{"tagged": ""}""", ".tagged", "blank")]
    [InlineData("""{"tagged": ["vip"]}""", ".tagged", "text")]
    [InlineData("""{"any": {}}""", ".any", "array")]
    [InlineData("""{"any": []}""", ".any", "at least one condition")]
    [InlineData("""{"all": []}""", ".all", "at least one condition")]
    [InlineData("""{"all": [{"tagged": "a"}, {}]}""", ".all[1]", "at least one condition")]
    [InlineData("""{"any": [{"all": [{"unpaid_for": "x"}]}]}""", ".any[0].all[0].unpaid_for", "duration")]
    [InlineData("""{"not": {"unpaid_for": "1d"}}""", ".not", "Only tagged")]
    [InlineData("""{"not": {"tagged": "a", "unpaid_for": "1d"}}""", ".not", "Only tagged")]
    [InlineData("""{"not": {"not": {"tagged": "a"}}}""", ".not", "Only tagged")]
    [InlineData("""{"not": {"any": [{"tagged": "a"}]}}""", ".not", "Only tagged")]
    [InlineData("""{"not": {"tagged": 1}}""", ".not.tagged", "text")]
    [InlineData("""{"in_standing": "mild"}""", ".in_standing", "object")]
    [InlineData("""{"in_standing": {}}""", ".in_standing", "exactly one")]
    [InlineData("""{"in_standing": {"mild": "1d", "late": "1d"}}""", ".in_standing", "exactly one")]
    [InlineData("""{"in_standing": {"mild": 1}}""", ".in_standing.mild", "duration")]
    [InlineData("""{"in_standing": {"late": "1d"}}""", ".in_standing.late", "itself")]
    [InlineData("""{"in_standing": {"harsh": "1d"}}""", ".in_standing.harsh", "milder")]
    [InlineData("""{"in_standing": {"good": "1d"}}""", ".in_standing.good", "No standing")]
    [InlineData("""{"any": [{"in_standing": {"harsh": "1d"}}]}""", ".any[0].in_standing.harsh", "milder")]
    public void Parse_OneFaultInACondition_NamesItsPath(string when, string path, string reason) =>
        Reading.Refused(Between(when), "standings[1].when" + path, reason);

    [Fact]
    public void Parse_EachSimpleCondition_Read()
    {
        Assert.Equal(new Condition.UnpaidFor(Duration.FromDays(30)), Read("""{"unpaid_for": "30d"}"""));
        Assert.Equal(new Condition.UnpaidInvoices(2), Read("""{"unpaid_invoices": 2}"""));
        Assert.Equal(new Condition.CollectionFailed(), Read("""{"collection_failed": true}"""));
        Assert.Equal(new Condition.RetriesExhausted(), Read("""{"retries_exhausted": true}"""));
        Assert.Equal(new Condition.InStanding("mild", Duration.FromDays(14)), Read("""{"in_standing": {"mild": "14d", "source": "s"}}"""));
        Assert.Equal(new Condition.Tagged("vip"), Read("""{"tagged": "vip", "assumption": "a"}"""));
        Assert.Equal(new Condition.HardDeclined(), Read("""{"hard_declined": true}"""));
        Assert.Equal(new Condition.Not(new Condition.Tagged("vip")), Read("""{"not": {"tagged": "vip", "source": "s"}}"""));

        var balance = Assert.IsType<Condition.UnpaidBalance>(Read("""{"unpaid_balance": {"USD": 26000, "JPY": 1, "source": "s"}}"""));
        Assert.Equal([new("JPY", 1), new("USD", 26000)], balance.MinorUnits.OrderBy(p => p.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void Parse_SeveralKeys_AllMustHold()
    {
        var all = Assert.IsType<Condition.All>(Read("""{"tagged": "vip", "unpaid_for": "1h"}"""));
        Assert.Equal([new Condition.UnpaidFor(Duration.FromHours(1)), new Condition.Tagged("vip")], all.Of.ToArray());
    }

    [Fact]
    public void Parse_AnyAndAll_Nest()
    {
        var any = Assert.IsType<Condition.Any>(Read("""{"any": [{"tagged": "a"}, {"all": [{"tagged": "b"}, {"tagged": "c"}]}]}"""));
        Assert.Equal(new Condition.Tagged("a"), any.Of[0]);
        Assert.Equal([new Condition.Tagged("b"), new Condition.Tagged("c")], Assert.IsType<Condition.All>(any.Of[1]).Of.ToArray());
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public void Parse_NestedConditions_AtMostEightDeep(int depth, bool accepted)
    {
        var when = """{"tagged": "a"}""";
        for (var i = 1; i < depth; i++) when = $$"""{"any": [{{when}}]}""";

        if (accepted) Reading.Valid(Reading.OfCondition(when));
        else Reading.Refused(Reading.OfCondition(when), "standings[0].when" + string.Concat(Enumerable.Repeat(".any[0]", 8)), "8 deep");
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", true)]
    [InlineData("200", true)]
    [InlineData("201", false)]
    [InlineData("-1", false)]
    public void Parse_UnpaidInvoices_OneToTwoHundred(string count, bool accepted) =>
        Assert.Equal(accepted, Reading.OfCondition($$"""{"unpaid_invoices": {{count}}}""").IsValid);

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", true)]
    [InlineData("1000000000000", true)]
    [InlineData("1000000000001", false)]
    [InlineData("9223372036854775808", false)]
    public void Parse_UnpaidBalance_OneToTheLargestAmount(string amount, bool accepted) =>
        Assert.Equal(accepted, Reading.OfCondition($$$"""{"unpaid_balance": {"USD": {{{amount}}}}}""").IsValid);

    [Theory]
    [InlineData(20, true)]
    [InlineData(21, false)]
    public void Parse_Branches_AtMostTwenty(int count, bool accepted)
    {
        var reading = Reading.OfCondition($$"""{"any": [{{string.Join(',', Enumerable.Repeat("""{"tagged": "a"}""", count))}}]}""");
        if (accepted) Reading.Valid(reading);
        else Reading.Refused(reading, "standings[0].when.any", "at most 20");
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Parse_Tag_AtMostSixtyFourCharacters(int length, bool accepted) =>
        Assert.Equal(accepted, Reading.OfCondition($$"""{"tagged": "{{new string('t', length)}}"}""").IsValid);

    /// <summary>A standing <c>late</c> that holds when this does, between a milder one and a more severe one.</summary>
    private static PolicyReading Between(string when) => Reading.Of(
        $$$"""{"standings": [{"name": "mild", "when": {"tagged": "m"}}, {"name": "late", "when": {{{when}}}}, {"name": "harsh", "when": {"tagged": "h"}}]}""");

    private static Condition Read(string when) => Reading.Valid(Between(when)).Standings[1].When;
}
