namespace Billing.Domain.Tests;

/// <summary>What is deleted does not come back: no condition reaches a standing that deletes before a milder one has lasted a day.</summary>
public sealed class DeletionTests
{
    [Theory]
    [InlineData("""{"in_standing": {"suspended": "24h"}}""")]
    [InlineData("""{"in_standing": {"suspended": "1d"}}""")]
    [InlineData("""{"in_standing": {"past_due": "1440m"}}""")]
    [InlineData("""{"in_standing": {"suspended": "14d"}, "unpaid_for": "1m"}""")]
    [InlineData("""{"unpaid_for": "30d", "not": {"tagged": "vip"}, "in_standing": {"past_due": "2d"}}""")]
    [InlineData("""{"all": [{"in_standing": {"suspended": "1h"}}, {"in_standing": {"past_due": "24h"}}]}""")]
    [InlineData("""{"any": [{"in_standing": {"suspended": "24h"}}, {"in_standing": {"past_due": "30d"}, "hard_declined": true}]}""")]
    [InlineData("""{"any": [{"unpaid_for": "1d"}, {"tagged": "x"}], "in_standing": {"suspended": "24h"}}""")]
    [InlineData("""{"all": [{"any": [{"in_standing": {"suspended": "24h"}}, {"all": [{"tagged": "x"}, {"in_standing": {"suspended": "24h"}}]}]}]}""")]
    public void Parse_ReachedByADayOfAMilderStanding_Accepted(string when) => Reading.Valid(Deleting(when));

    [Theory]
    [InlineData("""{"in_standing": {"suspended": "23h"}}""")]
    [InlineData("""{"in_standing": {"suspended": "1439m"}}""")]
    [InlineData("""{"in_standing": {"suspended": "0d"}}""")]
    [InlineData("""{"unpaid_for": "3650d"}""")]
    [InlineData("""{"retries_exhausted": true}""")]
    [InlineData("""{"tagged": "x"}""")]
    [InlineData("""{"not": {"tagged": "vip"}}""")]
    [InlineData("""{"all": [{"in_standing": {"suspended": "12h"}}, {"in_standing": {"past_due": "12h"}}]}""")]
    [InlineData("""{"any": [{"in_standing": {"suspended": "24h"}}, {"unpaid_for": "90d"}]}""")]
    [InlineData("""{"any": [{"in_standing": {"suspended": "24h"}}, {"in_standing": {"past_due": "23h"}}]}""")]
    [InlineData("""{"all": [{"any": [{"in_standing": {"suspended": "24h"}}, {"any": [{"unpaid_invoices": 3}]}]}]}""")]
    public void Parse_SomeWayIsShorter_Refused(string when) => Reading.Refused(Deleting(when), "standings[2].when", "at least 24h of in_standing of a milder one");

    [Theory]
    [InlineData("""{"in_standing": {"deleted": "14d"}}""", "standings[2].when.in_standing.deleted", "itself")]
    [InlineData("""{"in_standing": {"suspended": "x"}}""", "standings[2].when.in_standing.suspended", "duration")]
    [InlineData("""{"any": []}""", "standings[2].when.any", "at least one condition")]
    public void Parse_AConditionThatIsWrongAnyway_IsToldOnce(string when, string path, string reason) => Reading.Refused(Deleting(when), path, reason);

    [Fact]
    public void Parse_TheMildestStandingDeletes_Refused()
    {
        var standing = Reading.Standing();
        standing["on_enter"] = new System.Text.Json.Nodes.JsonArray("delete_resources");
        Reading.Refused(Reading.OfStandings(standing), "standings[0].when", "at least 24h");
    }

    [Fact]
    public void Parse_PoweringDownAtOnce_Accepted()
    {
        var standing = Reading.Standing();
        standing["on_enter"] = new System.Text.Json.Nodes.JsonArray("power_down");
        Assert.True(Reading.Valid(Reading.OfStandings(standing)).Standings[0].PowersDown);
    }

    private static PolicyReading Deleting(string when)
    {
        var deleted = Reading.Standing("deleted", when);
        deleted["on_enter"] = new System.Text.Json.Nodes.JsonArray("delete_resources");
        return Reading.OfStandings(Reading.Standing("past_due"), Reading.Standing("suspended", """{"in_standing": {"past_due": "20d"}}"""), deleted);
    }
}
