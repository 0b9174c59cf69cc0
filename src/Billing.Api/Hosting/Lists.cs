using System.Globalization;
using System.Text.Json;
using Billing.Grains.Interfaces.Index;

namespace Billing.Api.Hosting;

/// <summary>Pages of lists: of the index, newest first, and of the event log, oldest first.</summary>
internal static class Lists
{
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

    /// <summary>A page of the event log.</summary>
    public static async Task<IResult> PageAsync<T>(
        this IEventLog log, ListQuery asked, string? account, IReadOnlyCollection<string>? types, Func<EventRow, T> show, CancellationToken cancellationToken)
    {
        var after = asked.Number();
        if (asked.Refusal is { } refusal) return refusal;
        var page = await log.ReadAsync(after, account, types, asked.Limit, cancellationToken);
        return Answer.Ok(new Page<T>([.. page.Events.Select(show)], page.HasMore ? page.Next.ToString(CultureInfo.InvariantCulture) : null));
    }

    /// <summary>A text of a summary or of an event's data.</summary>
    public static string? Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
