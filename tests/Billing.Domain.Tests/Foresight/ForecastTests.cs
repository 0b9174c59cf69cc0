using NodaTime;

namespace Billing.Domain.Tests.Foresight;

/// <summary>What a forecast tells, and the rule that it names for it.</summary>
public sealed class ForecastTests
{
    private static readonly string Shipped = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "policies", "digitalocean.json"));

    [Fact]
    public void Forecast_OfAPastDueAccount_TellsItsWayToDeletion()
    {
        var world = World.With(Shipped).Method("card", "decline:insufficient_funds");
        world.TellAccount(new PutResource("vm", "vm", ResourceState.Running, []));
        world.Issue("I1", 2000);
        world.AdvanceTo(world.Now);

        var told = Forecast.Of(world.Account(), world.Policies, world.Now)!;

        Assert.Equal(
            [
                "20d standing.changed suspended /standings/1/when", "20d resource.ordered stop /standings/1/on_enter", "20d notice.sent suspended /standings/1/on_enter",
                "31d notice.sent deletion_warning /standings/2/requires_notice/0",
                "34d standing.changed deleted /standings/2/when", "34d resource.ordered delete /standings/2/on_enter", "34d notice.sent deleted /standings/2/on_enter",
            ],
            told.Entries.Select(entry => $"{(entry.At - Days.Start).TotalDays}d {entry.Kind} {entry.Action ?? entry.Notice ?? entry.Standing} {entry.Rule?.Path}"));
        Assert.False(told.IsTruncated);
        Assert.Equal(Days.Start + Duration.FromDays(400), told.Until);
    }

    [Fact]
    public void Forecast_UnderAnExtension_TellsItsEndAndWhatTakesEffectThen()
    {
        var world = Owing("""{"standings": [{"name": "late", "when": {"unpaid_for": "1d"}, "deny": ["purchase"], "message": "Pay."}]}""");
        world.Accept(world.TellAccount(new Extend(Days.At("5d"), "agreed", world.NextKey())));

        Assert.Equal([(Days.At("5d"), "extension.ended"), (Days.At("5d"), "standing.changed")], Told(world));
    }

    [Fact]
    public void Forecast_OfPromo_TellsThatItExpires()
    {
        var world = World.With("""{"standings": []}""");
        world.Accept(world.TellAccount(new GrantCredit("G", CreditKind.Promo, Some.Dollars(500), Days.At("9d"), world.NextKey())));

        var entry = Assert.Single(Forecast.Of(world.Account(), world.Policies, world.Now)!.Entries);

        Assert.Equal((Days.At("9d"), "credit.expired", "G", Some.Dollars(500)), (entry.At, entry.Kind, entry.Credit, entry.Amount));
    }

    [Fact]
    public void Forecast_OfASubscription_GoesToTheHorizonAndSaysSo()
    {
        var world = Subscribed("30d");

        var told = Forecast.Of(world.Account(), world.Policies, world.Now)!;

        Assert.False(told.IsTruncated);
        Assert.Equal(13, told.Entries.Count(entry => entry.Kind == "subscription.renewed"));
        Assert.All(told.Entries, entry => Assert.InRange(entry.At, world.Now, told.Until));
    }

    [Fact]
    public void Forecast_OfMoreThanItsEntries_IsTruncatedAndSaysSo()
    {
        var world = Subscribed("1h");

        var told = Forecast.Of(world.Account(), world.Policies, world.Now)!;

        Assert.True(told.IsTruncated);
        Assert.Equal(Forecast.MostEntries, told.Entries.Length);
        Assert.Equal(told.Entries[^1].At, told.Until);
    }

    [Fact]
    public void Next_UnderAutoPayOff_CountsFromTheDueTimeAsTheForecastDoes()
    {
        var world = World.With("""{"collection": {"due_after": "7d"}, "standings": [{"name": "late", "when": {"unpaid_for": "1d"}, "deny": ["purchase"], "message": "Pay."}]}""");
        world.Accept(world.TellAccount(new PutControls(EnforcementOff: null, AutoPayOff: true)));
        world.Issue("I1", 2000);

        Assert.Equal(new StandingStep("late", Days.At("8d")), world.View().Next);
        Agreement.Assert(world);
        world.Go("8d");
        Assert.Equal("late", world.Standing());
    }

    [Fact]
    public void Forecast_DecidesNothing()
    {
        var world = Owing(Shipped);
        var (account, events) = (world.Account(), world.Events.Count);

        Forecast.Of(account, world.Policies, world.Now);

        Assert.Same(account, world.Account());
        Assert.Equal(events, world.Events.Count);
    }

    private static (Instant, string)[] Told(World world) => [.. Forecast.Of(world.Account(), world.Policies, world.Now)!.Entries.Select(entry => (entry.At, entry.Kind))];

    private static World Owing(string policy)
    {
        var world = World.With(policy).Issue("I1", 2000, Collection.Manual, Days.Start);
        world.AdvanceTo(world.Now);
        return world;
    }

    private static World Subscribed(string every)
    {
        var world = World.With($$"""{"cycle": {"interval": "{{every}}"}, "standings": []}""").Method("card", "ok");
        world.Accept(world.TellAccount(new PutSubscription("S", "plan", Some.Dollars(500), null)));
        world.AdvanceTo(world.Now);
        return world;
    }
}
