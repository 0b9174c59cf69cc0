using System.Text.Json.Nodes;

namespace Billing.Domain.Tests;

/// <summary>Each bound: at it, and one past it.</summary>
public sealed class PolicyBoundsTests
{
    [Theory]
    [InlineData(20, true)]
    [InlineData(21, false)]
    public void Parse_Standings_AtMostTwenty(int count, bool accepted) =>
        Expect(Reading.OfStandings([.. Enumerable.Range(0, count).Select(i => Reading.Standing($"s{i}"))]), accepted, "standings");

    [Theory]
    [InlineData(20, true)]
    [InlineData(21, false)]
    public void Parse_Retries_AtMostTwenty(int count, bool accepted) =>
        Expect(Reading.Of($$$"""{"collection": {"retry_after": [{{{List(count, i => $"\"{i}d\"")}}}]}}"""), accepted, "collection.retry_after");

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void Parse_DeniedOperations_AtMostOneHundred(int count, bool accepted) =>
        Expect(With("deny", $"[{List(count, i => $"\"op.{i}\"")}]"), accepted, "standings[0].deny");

    [Theory]
    [InlineData(20, true)]
    [InlineData(21, false)]
    public void Parse_DenyIf_AtMostTwenty(int count, bool accepted) =>
        Expect(With("deny_if", $"[{List(count, i => $$"""{"tagged": "t{{i}}", "deny": ["purchase"]}""")}]"), accepted, "standings[0].deny_if");

    [Theory]
    [InlineData(20, true)]
    [InlineData(21, false)]
    public void Parse_OnEnter_AtMostTwenty(int count, bool accepted) =>
        Expect(With("on_enter", $"[{List(count, i => $"\"notice:n{i}\"")}]"), accepted, "standings[0].on_enter");

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void Parse_MessageContexts_AtMostOneHundred(int count, bool accepted) =>
        Expect(Reading.Of($$"""{"message_contexts": { "source": "s", {{List(count, i => $"\"c{i}\": \"m\"")}} } }"""), accepted, "message_contexts");

    [Theory]
    [InlineData("message", 2000, true)]
    [InlineData("message", 2001, false)]
    [InlineData("banner", 2000, true)]
    [InlineData("banner", 2001, false)]
    [InlineData("source", 2000, true)]
    [InlineData("source", 2001, false)]
    [InlineData("code", 64, true)]
    [InlineData("code", 65, false)]
    [InlineData("name", 64, true)]
    [InlineData("name", 65, false)]
    public void Parse_Text_AtMostSoLong(string key, int length, bool accepted) =>
        Expect(With(key, $"\"{new string('x', length)}\""), accepted, "standings[0]." + key);

    [Theory]
    [InlineData(20, true)]
    [InlineData(21, false)]
    public void Parse_RequiredNotices_AtMostTwenty(int count, bool accepted) =>
        Expect(With("requires_notice", $"[{List(count, i => $$"""{"notice": "n{{i}}", "at": "-1d"}""")}]"), accepted, "standings[0].requires_notice");

    [Theory]
    [InlineData(20, true)]
    [InlineData(21, false)]
    public void Parse_RefusedFunding_AtMostTwenty(int count, bool accepted) =>
        Expect(Reading.Of($$$"""{"collection": {"refuse_funding": [{{{List(count, i => $"\"f{i}\"")}}}]}}"""), accepted, "collection.refuse_funding");

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void Parse_OperationsThatNeedASubscription_AtMostOneHundred(int count, bool accepted) =>
        Expect(Reading.Of($$"""{"requires_subscription": [{{List(count, i => $"\"op.{i}\"")}}]}"""), accepted, "requires_subscription");

    [Theory]
    [InlineData("60m", true)]
    [InlineData("59m", false)]
    [InlineData("3650d", true)]
    [InlineData("3651d", false)]
    public void Parse_Interval_AnHourToTenYears(string interval, bool accepted) =>
        Expect(Reading.Of($$$"""{"cycle": {"interval": "{{{interval}}}"}}"""), accepted, "cycle.interval");

    [Theory]
    [InlineData(1, true)]
    [InlineData(31, true)]
    [InlineData(0, false)]
    [InlineData(32, false)]
    [InlineData(-1, false)]
    public void Parse_Day_OneToThirtyOne(int day, bool accepted) =>
        Expect(Reading.Of($$$"""{"cycle": {"calendar": "month", "day": {{{day}}}}}"""), accepted, "cycle.day");

    [Theory]
    [InlineData("1m", true)]
    [InlineData("0h", false)]
    public void Parse_CryptoWindow_AtLeastAMinute(string window, bool accepted) =>
        Expect(Reading.Of($$$"""{"collection": {"crypto_window": "{{{window}}}"}}"""), accepted, "collection.crypto_window");

    [Theory]
    [InlineData("0", true)]
    [InlineData("1000000000000", true)]
    [InlineData("-1", false)]
    [InlineData("1000000000001", false)]
    public void Parse_Minimum_ZeroToTheLargestAmount(string amount, bool accepted) =>
        Expect(Reading.Of($$$$"""{"collection": {"minimum": {"USD": {{{{amount}}}}}}}"""), accepted, "collection.minimum.USD");

    [Theory]
    [InlineData("3650d", true)]
    [InlineData("3651d", false)]
    public void Parse_DueAfter_AtMostTenYears(string duration, bool accepted) =>
        Expect(Reading.Of($$$"""{"collection": {"due_after": "{{{duration}}}"}}"""), accepted, "collection.due_after");

    [Theory]
    [InlineData(500, 500)]
    [InlineData(501, 501)]
    [InlineData(900, 501)]
    public void Parse_MoreErrorsThanAnAnswerHolds_SaysThatThereAreMore(int faults, int listed)
    {
        var errors = Reading.Of($$"""{ {{List(faults, i => $"\"unknown{i}\": 1")}} }""").Errors;
        Assert.Equal(listed, errors.Length);
        Assert.Equal(faults > 500, errors[^1].Message.StartsWith("There are more errors", StringComparison.Ordinal));
    }

    [Fact]
    public void Parse_LongUnknownKey_ShownShort()
    {
        var error = Assert.Single(Reading.Of($$"""{"{{new string('k', 63)}}😀{{new string('k', 9000)}}": 1}""").Errors);
        Assert.True(error.Path.Length < 100 && error.Message.Length < 400);
    }

    private static string List(int count, Func<int, string> item) => string.Join(", ", Enumerable.Range(1, count).Select(item));

    private static PolicyReading With(string key, string json)
    {
        var standing = Reading.Standing();
        standing["message"] = "m";
        standing[key] = JsonNode.Parse(json);
        return Reading.OfStandings(standing);
    }

    private static void Expect(PolicyReading reading, bool accepted, string path)
    {
        if (accepted) Reading.Valid(reading);
        else Reading.Refused(reading, path);
    }
}
