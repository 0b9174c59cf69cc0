using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;

namespace Billing.Domain;

/// <summary>An instant as RFC 3339 in UTC: <c>2026-03-06T00:00:00Z</c>.</summary>
public sealed class InstantJsonConverter : JsonConverter<Instant>
{
    /// <inheritdoc />
    public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String) throw new JsonException("Not an instant such as \"2026-03-06T00:00:00Z\".");
        var text = reader.GetString()!;
        if (InstantPattern.ExtendedIso.Parse(text) is { Success: true } instant) return instant.Value;
        return OffsetDateTimePattern.Rfc3339.Parse(text) is { Success: true } offset
            ? offset.Value.ToInstant()
            : throw new JsonException("Not an instant such as \"2026-03-06T00:00:00Z\".");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) =>
        writer.WriteStringValue(InstantPattern.ExtendedIso.Format(value));
}

/// <summary>A duration in whole milliseconds: <c>"86400000"</c> would lose its unit, so <c>"86400000ms"</c>.</summary>
public sealed class DurationJsonConverter : JsonConverter<Duration>
{
    private const string Unit = "ms";

    /// <inheritdoc />
    public override Duration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text && text.EndsWith(Unit, StringComparison.Ordinal)
        && long.TryParse(text.AsSpan(0, text.Length - Unit.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)
            ? Duration.FromMilliseconds(milliseconds)
            : throw new JsonException("Not a duration such as \"86400000ms\".");

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Duration value, JsonSerializerOptions options) =>
        writer.WriteStringValue(((long)value.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + Unit);
}
