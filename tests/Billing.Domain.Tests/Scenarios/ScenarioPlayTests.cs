using System.Text.Json.Nodes;

namespace Billing.Domain.Tests;

/// <summary>A scenario that does not hold says so, and says all of it.</summary>
public sealed class ScenarioPlayTests
{
    private const string Issue = """{"at": "+0d", "issue": {"id": "I1", "amount": 2000, "collection": "manual"}""";

    [Fact]
    public void Play_AStepThatHolds_SaysNothing() =>
        Of(Issue + """, "expect": {"amount_due": 2000, "invoices": {"I1": {"status": "open", "total": 2000}}, "timeline": []}}""").Play(Some.Clock);

    [Fact]
    public void Play_AnswersThatDiffer_NamesTheStepAndEachOfThem() => Broken(
        Issue + """, "expect": {"amount_due": 1, "standing": "bad", "invoices": {"I2": {"status": "open"}}}}""",
        "step 1 at +0d: amount_due: expected '1', got '2000'; standing: expected 'bad', got 'good'; there is no invoice I2");

    [Fact]
    public void Play_ARefusalThatDoesNotCome_IsBroken() => Broken(Issue + """, "refused": {"status": 409, "code": "id_taken"}}""", "step 1 at +0d: issue should be refused with");

    [Fact]
    public void Play_ARefusalThatNobodyExpects_IsBroken() => Broken("""{"at": "+0d", "pay": {"invoice": "I9"}}""", "step 1 at +0d: pay was refused with not_found");

    [Fact]
    public void Play_AnotherRefusal_IsBroken() =>
        Broken("""{"at": "+0d", "pay_all": {}, "refused": {"code": "payment_declined"}}""", "step 1 at +0d: pay_all refused: expected 'payment_declined', got 'nothing_due'");

    [Theory]
    [InlineData("""{"at": "+0d", "dance": {}}""", "there is no verb dance")]
    [InlineData("""{"at": "+0d", "expect": {"mood": 1}}""", "there is no expectation mood")]
    [InlineData("""{"at": "+0d", "settle": {"outcome": "ok"}}""", "there is no charge that is processing")]
    public void Play_WhatNobodyUnderstands_IsBroken(string step, string why) => Broken(step, why);

    [Fact]
    public void Report_OneThatIsBroken_DoesNotStopTheOthers()
    {
        var report = new ScenarioReport(withTrace: false);
        report.Play(Of("""{"at": "+0d", "issue": {"amount": "much"}}"""));
        report.Play(Of(Issue + "}"));
        Assert.Equal("1 held, 1 broken", report.Summary);
        Assert.StartsWith("BROKEN", report.Lines.First(), StringComparison.Ordinal);
    }

    private static void Broken(string step, string why) => Assert.Contains(why, Assert.Throws<ScenarioBroken>(() => Of(step).Play(Some.Clock)).Message, StringComparison.Ordinal);

    private static Scenario Of(string step) =>
        new(new ScenarioDocument(JsonNode.Parse($$"""{"name": "n", "start": "2026-03-01T00:00:00Z", "policy": {"standings": []}, "steps": [{{step}}]}""")!.AsObject()));
}
