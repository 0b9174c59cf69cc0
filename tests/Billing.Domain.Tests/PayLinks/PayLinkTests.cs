namespace Billing.Domain.Tests;

/// <summary>The links that mails carry, beside those that callers ask for.</summary>
public sealed class PayLinkTests
{
    private static readonly string Late = Some.Standings("""{"retry_after": ["1d"]}""", ("late", """{"unpaid_for": "1d"}"""));

    [Fact]
    public void Make_ForANoticeAgain_IsTheSameLink()
    {
        var world = World.With(Late).Issue("I1", 100);
        Make(world, "link_1", "n1");
        var made = world.Account().PayLinks;
        var events = world.Events.Count;

        Assert.True(Assert.IsType<Done>(world.TellAccount(new MakePayLink("link_1", "another", null) { Notice = "n1" })).Replayed);
        Assert.Equal(made, world.Account().PayLinks);
        Assert.Equal(events, world.Events.Count);
    }

    [Fact]
    public void Make_ForANotice_WhereNothingIsDue_IsRefused() =>
        Assert.Equal(Problems.NothingDue, Assert.IsType<Refused>(World.With(Late).TellAccount(new MakePayLink("link_1", "hash", null) { Notice = "n1" })).Code);

    [Fact]
    public void Make_ForOneNoticeMore_TakesThePlaceOfTheOldestMails_AndOfNoCallers()
    {
        var world = World.With(Late).Issue("I1", 100);
        for (var n = 0; n < AccountLimits.PayLinks; n++)
        {
            Make(world, $"asked_{n}", notice: null);
            Make(world, $"mailed_{n}", $"n{n}");
        }

        Make(world, "mailed_more", "more");
        var links = world.Account().PayLinks.Select(link => link.Id).ToArray();
        Assert.Equal(AccountLimits.PayLinks, links.Count(link => link.StartsWith("asked_", StringComparison.Ordinal)));
        Assert.Equal(AccountLimits.PayLinks, links.Count(link => link.StartsWith("mailed_", StringComparison.Ordinal)));
        Assert.DoesNotContain("mailed_0", links);
        Assert.Equal("mailed_0", (string?)Assert.Single(world.Events, recorded => recorded.Type == "pay_link.ended").Data["link"]);
        Assert.Equal(Problems.TooMany, Assert.IsType<Refused>(world.TellAccount(new MakePayLink("asked_more", "hash", null))).Code);
    }

    private static void Make(World world, string id, string? notice) => world.Accept(world.TellAccount(new MakePayLink(id, "hash of " + id, null) { Notice = notice }));
}
