using System.Globalization;
using System.Text.Json;
using Billing.Grains.Interfaces.Index;
using NodaTime.Text;

namespace Billing.Api.Hosting;

/// <summary>Pages of lists: of the index, newest first, and of the event log, oldest first.</summary>
internal static class Lists
{
    /// <summary>How often a page of an account's events is read for one page of what some of them say.</summary>
    private const int EventSteps = 10;

    /// <summary>A page of the index, each entry turned into an item; entries that turn into none are left out.</summary>
    public static async Task<IResult> PageAsync<T>(
        this IGrainIndex index, IndexQuery query, ListQuery asked, Func<IndexEntry, Task<T?>> read, CancellationToken cancellationToken) where T : class
    {
        IndexPage page;
        try
        {
            page = await index.ListAsync(query with { Limit = asked.Limit, After = asked.After }, cancellationToken);
        }
        catch (ArgumentException) when (asked.After is not null)
        {
            return Problem.Field("after", "Is no cursor of this list.");
        }

        var items = await Task.WhenAll(page.Entries.Select(read));
        return Answer.Ok(new Page<T>([.. items.OfType<T>()], page.Next));
    }

    /// <summary>A page of a list that is in memory whole; its cursor is the last item's id.</summary>
    public static IResult Page<T>(IEnumerable<T> items, ListQuery asked, Func<T, string> id)
    {
        var left = items;
        if (asked.After is { } after)
        {
            var rest = items.SkipWhile(item => !string.Equals(id(item), after, StringComparison.Ordinal)).ToArray();
            if (rest.Length == 0) return Problem.Field("after", "Is no cursor of this list.");
            left = rest.Skip(1);
        }

        var page = left.Take(asked.Limit + 1).ToArray();
        return Answer.Ok(new Page<T>(page[..Math.Min(page.Length, asked.Limit)], page.Length > asked.Limit ? id(page[asked.Limit - 1]) : null));
    }

    /// <summary>A page of the event log.</summary>
    public static async Task<IResult> PageAsync<T>(
        this IEventLog log, ListQuery asked, string? account, IReadOnlyCollection<string>? types, Func<EventRow, T> show, CancellationToken cancellationToken)
    {
        var after = asked.Number();
        if (asked.Refusal is { } refusal) return refusal;
        var page = await log.ReadAsync(after, account, types, asked.Limit, cancellationToken);
        return Answer.Ok(new Page<T>([.. page.Events.Select(show)], page.HasMore ? page.Next.ToString(CultureInfo.InvariantCulture) : null));
    }

    /// <summary>
    /// A page of what some events of an account say. Events that say nothing are passed over in bigger steps, at most ten, so
    /// that a page is seldom short and never late; a short page with a cursor is not the last.
    /// </summary>
    public static async Task<IResult> EntriesAsync<T>(
        this IEventLog log, ListQuery asked, string account, Func<EventRow, T?> show, CancellationToken cancellationToken) where T : class
    {
        var after = asked.Number();
        if (asked.Refusal is { } refusal) return refusal;
        var items = new List<T>();
        for (var step = 0; step < EventSteps; step++)
        {
            var page = await log.ReadAsync(after, account, types: null, ApiBounds.ReportPage, cancellationToken);
            foreach (var row in page.Events)
            {
                if (items.Count == asked.Limit) return Page(after);
                after = row.Seq;
                if (show(row) is { } item) items.Add(item);
            }

            if (!page.HasMore) return Page(next: null);
        }

        return Page(after);

        IResult Page(long? next) => Answer.Ok(new Page<T>(items, next?.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>A whole number of a summary or of an event's data.</summary>
    public static long? Number(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    /// <summary>Whether a summary or an event's data says that something is so.</summary>
    public static bool Flag(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>An instant of a summary or of an event's data.</summary>
    public static Instant? Instant(this JsonElement json, string name) =>
        json.Text(name) is { } text && InstantPattern.ExtendedIso.Parse(text) is { Success: true } parsed ? parsed.Value : null;

    /// <summary>A text of a summary or of an event's data.</summary>
    public static string? Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
