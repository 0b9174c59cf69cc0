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
public sealed record ProblemResponse
{
    /// <summary>The page of the code: <c>/problems/{code}</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What it is, in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>The stable code.</summary>
    public required string Code { get; init; }

    /// <summary>What stands in the way, for a person.</summary>
    public required string Detail { get; init; }

    /// <summary>Every field that is wrong; left out where none is.</summary>
    public IReadOnlyList<FieldErrorResponse>? Errors { get; init; }

    /// <summary>The payment that this is about: the one that was declined or has not begun, or the one under way that stands in the way (<c>payment_in_flight</c>).</summary>
    public string? Payment { get; init; }

    /// <summary>Of a declined payment: the gateway's code; <c>null</c> where it gave none.</summary>
    public string? DeclineCode { get; init; }

    /// <summary>At a card network's ceiling (<c>method_not_usable</c>): from when the card may be tried again.</summary>
    public Instant? FreeAt { get; init; }

    /// <summary>Of what the gate denies (<c>operation_denied</c>): the account's standing.</summary>
    public string? Standing { get; init; }

    /// <summary>Of what the gate denies (<c>operation_denied</c>): how much lifts the denial, in minor units of the account's currency; 0 where paying does not.</summary>
    public long? AmountToClear { get; init; }
}

/// <summary>One field that is wrong.</summary>
/// <param name="Path">Where: <c>lines[0].amount</c>; the name of a path or header parameter; empty for the whole.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record FieldErrorResponse(string Path, string Message);
