using System.Globalization;
using System.Text.Json;

namespace Billing.Embedded.Storage;

/// <summary>
/// What the in-memory store reads of a payload: the same fields as the trigger of <c>db/004</c>, and none of the grain's
/// own state.
/// </summary>
internal sealed record Envelope(
    string Kind,
    DateTimeOffset? At,
    DateTimeOffset? Due,
    DateTimeOffset? PendingSince,
    string? Clock,
    JsonElement Summary,
    IReadOnlyList<EnvelopeEvent> Events)
{
    /// <summary>Reads a payload; <see langword="null"/> where it is no envelope, which the index ignores.</summary>
    /// <exception cref="JsonException">The payload begins as a JSON object and is none.</exception>
    /// <exception cref="FormatException">An instant is none.</exception>
    public static Envelope? Read(ReadOnlyMemory<byte> payload)
    {
        if (payload.IsEmpty || payload.Span[0] != (byte)'{')
            return null;
        // What a packed payload keeps for its grain stands behind a byte 0.
        var seam = payload.Span.IndexOf((byte)0);
        using var document = JsonDocument.Parse(seam < 0 ? payload : payload[..seam]);
        var root = document.RootElement;
        if (Text(root, "kind") is not { } kind)
            return null;
        return new Envelope(
            kind, InstantOf(root, "at"), InstantOf(root, "due"), InstantOf(root, "pending_since"), Text(root, "clock"), Element(root, "summary"), ReadEvents(root));
    }

    private static List<EnvelopeEvent> ReadEvents(JsonElement root)
    {
        var events = new List<EnvelopeEvent>();
        if (!root.TryGetProperty("events", out var array) || array.ValueKind != JsonValueKind.Array)
            return events;
        foreach (var e in array.EnumerateArray())
        {
            events.Add(new EnvelopeEvent(
                Text(e, "account"),
                Text(e, "type") ?? throw new FormatException("An event has no type."),
                InstantOf(e, "occurred_at") ?? throw new FormatException("An event has no occurred_at."),
                InstantOf(e, "effective_at") ?? throw new FormatException("An event has no effective_at."),
                Element(e, "data")));
        }
        return events;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? InstantOf(JsonElement element, string name) =>
        Text(element, name) is { } text
            ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)
            : null;

    private static JsonElement Element(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.Clone() : default;
}

/// <summary>One event of an envelope, before it has a number.</summary>
internal sealed record EnvelopeEvent(string? Account, string Type, DateTimeOffset OccurredAt, DateTimeOffset EffectiveAt, JsonElement Data);
