using Billing.Grains.Interfaces.Index;
using Microsoft.AspNetCore.Mvc;

namespace Billing.Api.Reports;

/// <summary>Reports: queries over the log of events and the index, so that they agree with what was recorded.</summary>
internal static class ReportEndpoints
{
    public static void MapReports(this IEndpointRouteBuilder api)
    {
        api.MapGet("/v1/accounts/{account}/statement", StatementAsync)
            .Needs(Scope.Read).Says("getStatement", "Everything that moved money of an account", "Oldest first, each entry with postings that sum to zero.").Takes([Problems.NotFound]).Gives<Page<StatementEntryResponse>>();
        api.MapGet("/v1/reports/aging", AgingAsync)
            .Needs(Scope.Read).Says("getAging", "What is owed, by how late it is", "Open invoices by currency and whole days overdue. Of live accounts, or of those on one `test_clock`.").Takes([Problems.NotFound]).Gives<AgingResponse>();
    }

    private static async Task<IResult> StatementAsync(string account, HttpContext http, IEventLog log, AccountClocks clocks, string? limit, string? after)
    {
        var asked = ListQuery.Read(http);
        if (await clocks.ReadAsync(account) is null) return Problem.NoSuch("account");
        return await log.EntriesAsync(asked, account, StatementEntryResponse.Of, http.RequestAborted);
    }

    private static async Task<IResult> AgingAsync(HttpContext http, IGrainIndex index, AccountClocks clocks, IGrainFactory grains, [FromQuery(Name = "test_clock")] string? testClock)
    {
        var asked = ListQuery.Read(http, "test_clock");
        if (asked.Refusal is { } refusal) return refusal;
        var clock = asked["test_clock"];
        if (clock is not null && (!Ids.IsValid(clock) || (await grains.TestClock(clock).Read()).Now is null)) return Problem.NoSuch("test clock");
        var now = (await clocks.OnAsync(clock)).At;
        var rows = new SortedDictionary<string, AgingBuckets>(StringComparer.Ordinal);
        string? after = null;
        do
        {
            var query = new IndexQuery("invoice") { Where = OpenInvoices, Limit = ApiBounds.ReportPage, After = after };
            var page = await index.ListAsync(query, http.RequestAborted);
            foreach (var entry in page.Entries) Count(rows, entry, clock, now);
            after = page.Next;
        }
        while (after is not null);

        return Answer.Ok(new AgingResponse(now, clock, [.. rows.Select(row => row.Value.Row(row.Key))]));
    }

    private static readonly Dictionary<string, string> OpenInvoices = new(StringComparer.Ordinal) { ["status"] = "open", ["kind"] = "standard" };

    private static void Count(SortedDictionary<string, AgingBuckets> rows, IndexEntry entry, string? clock, Instant now)
    {
        var summary = entry.Summary;
        if (!string.Equals(entry.Clock, clock, StringComparison.Ordinal) || (clock is null && summary.Flag("test"))) return;
        if (summary.Text("currency") is not { } currency || summary.Instant("due_at") is not { } dueAt || summary.Number("amount_due") is not { } due) return;
        if (!rows.TryGetValue(currency, out var buckets)) rows[currency] = buckets = new AgingBuckets();
        buckets.Add(due, (int)Math.Floor((now - dueAt).TotalDays));
    }
}
