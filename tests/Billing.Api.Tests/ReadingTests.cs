using System.Text.Json;
using Billing.Api.Attention;
using Billing.Api.Reports;
using Billing.Domain;
using Billing.Grains.Interfaces.Index;
using NodaTime;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>What is read from names and summaries.</summary>
public sealed class ReadingTests
{
    [Theory]
    [InlineData("wire-1", "a~received~wire-1")]
    [InlineData("A.b_c:9", "a~received~A.b_c:9")]
    [InlineData("2026/17", "a~received~2026~2F17")]
    [InlineData("100%", "a~received~100~25")]
    [InlineData("!}", "a~received~~21~7D")]
    public void Received_OfAnyReference_FitsAPath(string reference, string name)
    {
        Assert.Equal(name, Ids.Received("a", reference));
        Assert.True(Reading.PathIds.CanExist(name));
    }

    [Theory]
    [InlineData("account!acme!deletion_waits~1", "account", "acme", "deletion_waits~1")]
    [InlineData("payment!inv-7~0!e!f", "payment", "inv-7~0", "e!f")]
    public void AttentionId_IsReadAsItIsWritten(string text, string kind, string owner, string entry)
    {
        Assert.Equal(new AttentionId(kind, owner, entry), AttentionId.Parse(text));
        Assert.Equal(text, new AttentionId(kind, owner, entry).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("account!acme")]
    [InlineData("account!acme!")]
    [InlineData("account!!e")]
    [InlineData("clock!c!e")]
    [InlineData("account!a b!e")]
    public void AttentionId_OfNothing_IsNone(string text) => Assert.Null(AttentionId.Parse(text));

    [Fact]
    public void Attention_OfASummary_ListsItsEntries()
    {
        var summary = JsonElement.Parse("""{"account": "acme", "attention": [{"id": "e1", "kind": "unknown_payment", "subject": null, "what": "w", "do": "d", "since": "2026-03-01T00:00:00Z"}, {"id": "e2"}]}""");

        var entries = AttentionResponse.Of(new IndexEntry("payment", "pay/inv-7~0", Due: null, PendingSince: null, Clock: null, summary)).ToArray();

        Assert.Equal(new AttentionResponse("payment!inv-7~0!e1", "acme", "unknown_payment", null, "w", "d", Instant.FromUtc(2026, 3, 1, 0, 0)), entries[0]);
        Assert.Equal(new AttentionResponse("payment!inv-7~0!e2", "acme", "", null, "", "", null), entries[1]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"attention": null}""")]
    [InlineData("""{"attention": []}""")]
    public void Attention_OfASummaryWithout_IsNone(string summary) =>
        Assert.Empty(AttentionResponse.Of(new IndexEntry("account", "acct/acme", Due: null, PendingSince: null, Clock: null, JsonElement.Parse(summary))));

    [Fact]
    public void StatementEntry_IsOfEventsThatMovedMoney()
    {
        Assert.Null(StatementEntryResponse.Of(Event("{}")));
        Assert.Null(StatementEntryResponse.Of(Event("""{"postings": []}""")));
        var entry = StatementEntryResponse.Of(Event("""{"invoice": "i", "postings": [{"account": "cash", "amount": 5}, {"account": "receivable", "amount": -5}]}"""))!;
        Assert.Equal(("i", (string?)null), (entry.Invoice, entry.Payment));
        Assert.Equal([new PostingResponse("cash", 5), new PostingResponse("receivable", -5)], entry.Postings);
    }

    [Theory]
    [InlineData(-40, "current")]
    [InlineData(0, "current")]
    [InlineData(1, "1-30")]
    [InlineData(30, "1-30")]
    [InlineData(31, "31-60")]
    [InlineData(60, "31-60")]
    [InlineData(61, "61-90")]
    [InlineData(90, "61-90")]
    [InlineData(91, "over 90")]
    [InlineData(5000, "over 90")]
    public void Aging_SortsByWholeDays(int days, string bucket)
    {
        var buckets = new AgingBuckets();
        buckets.Add(5, days);
        var row = buckets.Row("USD");
        var found = new[] { ("current", row.Current), ("1-30", row.Days1To30), ("31-60", row.Days31To60), ("61-90", row.Days61To90), ("over 90", row.DaysOver90) };
        Assert.Equal((bucket, 5), Assert.Single(found, item => item.Item2 != 0));
        Assert.Equal(5, row.Total);
    }

    private static EventRow Event(string data) => new(1, "acme", 1, "x", default, default, default, JsonElement.Parse(data));
}
