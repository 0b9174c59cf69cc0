using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Billing.Domain.Tests.Foresight;
using FsCheck;
using FsCheck.Fluent;

namespace Billing.Domain.Tests;

/// <summary>Who somebody is stands in the account's profile. What is told to others has ids: events and summaries.</summary>
public sealed class PersonalDataTests
{
    private static readonly ImmutableArray<string> s_personal = ["Acme", "Ada", "owner@example.com", "ada@example.com", "Elm Street"];

    [Fact]
    public void EventsAndSummaries_Whatever_SayNothingOfTheProfile() => Check.One(Properties.Of(50), Prop.ForAll(Gen.ListOf(Gen.Choose(0, 99_999)).ToArbitrary(), Gen.Choose(0, 1_000_000).ToArbitrary(), (history, seed) =>
    {
        var world = Past.Of([.. history], seed);
        var fields = new AccountProfile
        {
            Id = Some.Account,
            Name = "Ada",
            Emails = ["ada@example.com"],
            Metadata = ImmutableSortedDictionary<string, string>.Empty.Add("street", "Elm Street"),
        };
        world.Accept(world.TellAccount(new PutAccount(["name", "emails", "metadata"], fields)));
        world.AdvanceTo(world.Now + NodaTime.Duration.FromDays(30));

        IEnumerable<JsonNode> summaries = [AccountRules.Summary(world.Account(), world.Policies), .. world.Payments.Select(PaymentRules.Summary), .. world.Account().Invoices.Select(invoice => InvoiceRules.Summary(world.Invoice(invoice.Id)))];
        foreach (var told in world.Events.Select(e => (JsonNode)e.Data).Concat(summaries).Select(json => json.ToJsonString()))
        {
            Assert.DoesNotContain(s_personal, text => told.Contains(text, StringComparison.Ordinal));
        }

        return true;
    }));
}
