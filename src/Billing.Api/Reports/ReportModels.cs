using System.Text.Json;
using Billing.Grains.Interfaces.Index;

namespace Billing.Api.Reports;

/// <summary>An amount moved on one of the books' accounts; those of an event sum to zero.</summary>
/// <param name="Account">Which: <c>cash</c>, <c>receivable</c>, <c>prepayment</c>, <c>promo</c>, <c>tax</c>, <c>write_off</c>, <c>loss</c>.</param>
/// <param name="Amount">How much, in minor units; positive is a debit.</param>
public sealed record PostingResponse(string Account, long Amount);

/// <summary>An entry of a statement: an event that moved money. Amounts are in minor units of the account's currency.</summary>
/// <param name="Seq">Its place in the log of events.</param>
/// <param name="Type">What happened.</param>
/// <param name="EffectiveAt">From when it counts.</param>
/// <param name="RecordedAt">When it was durably known.</param>
/// <param name="Invoice">The invoice that it is about.</param>
/// <param name="Payment">The payment that it is about.</param>
/// <param name="Postings">What moved.</param>
public sealed record StatementEntryResponse(
    long Seq, string Type, Instant EffectiveAt, Instant RecordedAt, string? Invoice, string? Payment, IReadOnlyList<PostingResponse> Postings)
{
    /// <summary>The entry of an event; none where it moved nothing.</summary>
    internal static StatementEntryResponse? Of(EventRow row)
    {
        if (row.Data.ValueKind != JsonValueKind.Object || !row.Data.TryGetProperty("postings", out var postings) || postings.ValueKind != JsonValueKind.Array || postings.GetArrayLength() == 0) return null;
        return new StatementEntryResponse(
            row.Seq, row.Type, row.EffectiveAt, row.RecordedAt, row.Data.Text("invoice"), row.Data.Text("payment"),
            [.. postings.EnumerateArray().Select(posting => new PostingResponse(posting.Text("account") ?? "", posting.Number("amount") ?? 0))]);
    }
}

/// <summary>What is owed in one currency, by how many whole days it is overdue. Amounts are in minor units.</summary>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Current">Not overdue by a day.</param>
/// <param name="Days1To30">Overdue by 1 to 30 days.</param>
/// <param name="Days31To60">Overdue by 31 to 60 days.</param>
/// <param name="Days61To90">Overdue by 61 to 90 days.</param>
/// <param name="DaysOver90">Overdue by more.</param>
/// <param name="Total">All of it.</param>
public sealed record AgingRowResponse(
    string Currency, long Current,
    [property: System.Text.Json.Serialization.JsonPropertyName("days_1_30")] long Days1To30,
    [property: System.Text.Json.Serialization.JsonPropertyName("days_31_60")] long Days31To60,
    [property: System.Text.Json.Serialization.JsonPropertyName("days_61_90")] long Days61To90,
    [property: System.Text.Json.Serialization.JsonPropertyName("days_over_90")] long DaysOver90,
    long Total);

/// <summary>What is owed on open invoices, by how late it is.</summary>
/// <param name="At">The instant that it is seen from.</param>
/// <param name="TestClock">The test clock whose accounts it is about; <c>null</c>: those that live in real time and are no test accounts.</param>
/// <param name="Data">A row for each currency.</param>
public sealed record AgingResponse(Instant At, string? TestClock, IReadOnlyList<AgingRowResponse> Data);
