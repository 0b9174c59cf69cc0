namespace Billing.Domain.Tests;

public sealed class PolicyRulesTests
{
    private const string First = """{"standings": []}""";

    [Fact]
    public void Put_TheSameDocument_IsNoNewVersion()
    {
        var state = Put(new PolicyState(), First).State;
        var again = Put(state, """{ "standings" : [ ] }""");

        Assert.True(Assert.IsType<Done>(again.Reply).Replayed);
        Assert.Single(again.State.Versions);
    }

    [Fact]
    public void Put_AnotherDocument_IsTheNextVersion()
    {
        var state = Put(Put(new PolicyState(), First).State, """{"standings": [], "description": "d"}""").State;
        Assert.Equal(2, state.Versions.Length);
    }

    [Fact]
    public void Put_OnlyFirst_NeverOverAnOperatorsVersion()
    {
        var state = Put(new PolicyState(), First).State;
        Assert.Same(state, PolicyRules.Decide(state, new PutPolicy("""{"description": "d"}""", OnlyFirst: true), Days.Start, "p").State);
    }

    [Fact]
    public void Put_OneMoreThan200_IsRefused()
    {
        var state = new PolicyState();
        for (var i = 1; i <= PolicyRules.MaxVersions; i++) state = Put(state, $$"""{"description": "{{i}}"}""").State;
        Assert.Equal(200, state.Versions.Length);

        Assert.Equal(Problems.TooMany, Assert.IsType<Refused>(Put(state, First).Reply).Code);
    }

    private static Decision<PolicyState> Put(PolicyState state, string document) => PolicyRules.Decide(state, new PutPolicy(document, OnlyFirst: false), Days.Start, "p");
}
