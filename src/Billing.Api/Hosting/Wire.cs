using System.Text.Json;
using System.Text.Json.Serialization;

namespace Billing.Api.Hosting;

/// <summary>An instant, RFC 3339 in UTC. Implementation note: the writer's own date format is the same and allocates nothing.</summary>
internal sealed class WireInstant : JsonConverter<Instant>
{
    private static readonly InstantJsonConverter Reader = new();

    public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Reader.Read(ref reader, typeToConvert, options);

    public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToDateTimeUtc());
}

/// <summary>An enumeration in the words of the wire.</summary>
internal sealed class WireEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) where T : struct, Enum;

/// <summary>A page of a list.</summary>
/// <param name="Data">The items.</param>
/// <param name="Next">The cursor of the next page, given as <c>after</c>; <c>null</c> where this is the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Data, string? Next);

/// <summary>A refusal (RFC 9457, <c>application/problem+json</c>).</summary>
/// <param name="Type">The page of the code: <c>/problems/{code}</c>.</param>
/// <param name="Title">What it is, in a few words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The stable code.</param>
/// <param name="Detail">What stands in the way, for a person.</param>
/// <param name="Errors">Every field that is wrong; left out where none is.</param>
/// <param name="Payment">Of a declined payment: its id.</param>
/// <param name="DeclineCode">Of a declined payment: the gateway's code.</param>
public sealed record ProblemResponse(
    string Type, string Title, int Status, string Code, string Detail, IReadOnlyList<FieldErrorResponse>? Errors, string? Payment, string? DeclineCode);

/// <summary>One field that is wrong.</summary>
/// <param name="Path">Where: <c>lines[0].amount</c>; the name of a path or header parameter; empty for the whole.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record FieldErrorResponse(string Path, string Message);
