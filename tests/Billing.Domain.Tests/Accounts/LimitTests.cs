using System.Collections.Immutable;
using System.Globalization;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>What an account may hold: at the bound it is taken, one more is refused.</summary>
public sealed class LimitTests
{
    private const string Document = """{"standings": []}""";
    private const string Monthly = """{"cycle": {"calendar": "month", "day": 1, "time_zone": "UTC"}, "standings": []}""";

    [Fact]
    public void OpenInvoices_OneMoreThan200_StaysADraft()
    {
        var world = World.With(Document);
        for (var i = 1; i <= 200; i++) world.Issue(Name("I", i), 1, Collection.Manual, Days.At("9d"));
        Assert.Equal(200, world.Account().Invoices.Length);

        world.Issue("I201", 1, Collection.Manual, Days.At("9d"));
        Assert.Equal(200, world.Account().Invoices.Length);
        Assert.Equal(InvoiceStatus.Draft, world.Invoice("I201").Status);
        Assert.Equal(Problems.TooMany, world.Invoice("I201").Denied!.Code);

        world.Accept(world.Void("I7"));
        world.Tell(GrainKeys.Invoice("I201"), new FinalizeInvoice(null));
        Assert.Equal("INV-000201", world.Invoice("I201").Number);
    }

    [Fact]
    public void Methods_OneMoreThan50_IsRefused()
    {
        var world = World.With(Document);
        for (var i = 1; i <= 50; i++) world.Method(Name("m", i), "ok");

        Assert.Equal(Problems.TooMany, Assert.IsType<Refused>(world.PutMethod("m51", ["ok"])).Code);
        world.Accept(world.PutMethod("m50", ["ok"]));
        Assert.Equal(50, world.Account().Methods.Length);
    }

    [Theory]
    [InlineData("emails", 0, false)]
    [InlineData("emails", 1, true)]
    [InlineData("emails", 20, true)]
    [InlineData("emails", 21, false)]
    [InlineData("tags", 0, true)]
    [InlineData("tags", 50, true)]
    [InlineData("tags", 51, false)]
    [InlineData("metadata", 50, true)]
    [InlineData("metadata", 51, false)]
    public void Profile_AtTheBoundAndOnePast(string field, int count, bool isTaken)
    {
        ImmutableArray<string> values = [.. Enumerable.Range(1, count).Select(i => Name("v", i))];
        var fields = new AccountProfile
        {
            Id = Some.Account,
            Emails = values,
            Tags = values,
            Metadata = values.ToImmutableSortedDictionary(value => value, value => value, StringComparer.Ordinal),
        };
        var reply = World.With(Document).TellAccount(new PutAccount([field], fields));

        if (isTaken) Assert.IsType<Done>(reply);
        else Assert.Equal([field], Assert.IsType<Refused>(reply).Errors.Select(error => error.Path));
    }

    [Theory]
    [InlineData(999, true)]
    [InlineData(1000, false)]
    public void KeyedCalls_OneMoreThan1000In24Hours_IsRefused(int before, bool isTaken)
    {
        var world = World.With(Document).Method("a", "ok");
        Reply Call(int i) => world.TellAccount(new MakeDefault("a", Some.Key(Name("k", i))));
        for (var i = 1; i <= before; i++) world.Accept(Call(i));

        var reply = Call(before + 1);
        Assert.Equal(isTaken ? null : Problems.RateLimited, (reply as Refused)?.Code);
        Assert.True(Assert.IsType<Done>(Call(1)).Replayed);
        world.Go("1d");
        world.Accept(Call(before + 2));
        Assert.Single(world.Account().Idempotency);
    }

    [Fact]
    public void Subscriptions_OneMoreThan100ThatHaveNotEnded_IsRefused() => AssertBound(100, (world, i) => world.TellAccount(new PutSubscription(Name("S", i), "plan", Some.Dollars(1), Days.At("9d"))), Monthly);

    [Fact]
    public void PendingCharges_OneMoreThan500_IsRefused() => AssertBound(500, (world, i) => world.TellAccount(new AddCharge(Name("C", i), "extra", Some.Dollars(1), Some.Key(Name("k", i)))), Monthly);

    [Fact]
    public void PromoLots_OneMoreThan100_IsRefused() => AssertBound(100, (world, i) => world.TellAccount(new GrantCredit(Name("G", i), CreditKind.Promo, Some.Dollars(1), null, Some.Key(Name("k", i)))));

    private static void AssertBound(int most, Func<World, int, Reply> add, string document = Document)
    {
        var world = World.With(document).Method("a", "ok");
        for (var i = 1; i <= most; i++) world.Accept(add(world, i));
        Assert.Equal(Problems.TooMany, Assert.IsType<Refused>(add(world, most + 1)).Code);
    }

    private static string Name(string prefix, int i) => prefix + i.ToString(CultureInfo.InvariantCulture);
}
