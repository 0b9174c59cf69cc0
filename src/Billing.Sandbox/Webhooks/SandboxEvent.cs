using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;

namespace Billing.Sandbox;

/// <summary>The types of the sandbox's events.</summary>
public static class SandboxEventTypes
{
    /// <summary>Captured: at once, or when it settled.</summary>
    public const string Succeeded = "charge.succeeded";

    /// <summary>Failed after it was accepted, with code <c>expired</c> where its window closed. An immediate decline, and a cancel, is told by the answer alone.</summary>
    public const string Failed = "charge.failed";

    /// <summary>The customer disputes it.</summary>
    public const string Disputed = "charge.disputed";

    /// <summary>The money was taken back.</summary>
    public const string DisputeLost = "charge.dispute_lost";

    /// <summary>The money stays.</summary>
    public const string DisputeWon = "charge.dispute_won";
}

/// <summary>An event of the sandbox, as its webhook sends it.</summary>
/// <param name="Id">The event's id, the same each time it is sent; also the header <c>webhook-id</c>.</param>
/// <param name="Type">One of <see cref="SandboxEventTypes"/>.</param>
/// <param name="CreatedAt">When it was recorded, in real time.</param>
/// <param name="Data">The charge.</param>
public sealed record SandboxEvent(string Id, string Type, Instant CreatedAt, SandboxEventData Data)
{
    /// <summary>Reads a body whose signature was found good; <see langword="null"/> where it is no event of the sandbox.</summary>
    public static SandboxEvent? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, SandboxJson.Default.SandboxEvent);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The body.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, SandboxJson.Default.SandboxEvent);

    internal static SandboxEvent Of(PendingEvent pending) => new(
        pending.Event.Id,
        pending.Event.Type,
        pending.Event.CreatedAt,
        new SandboxEventData(
            pending.Charge.Id, pending.Charge.Key, pending.Charge.Payment, pending.Charge.Account,
            pending.Event.Amount.MinorUnits, pending.Event.Amount.Currency.Code, pending.Event.Status, pending.Event.Code, pending.Event.At));
}

/// <summary>The charge of an event, as it was after the change.</summary>
/// <param name="Charge">The charge's id: <see cref="Gateways.ChargeAnswer.Reference"/>.</param>
/// <param name="Key">The idempotency key.</param>
/// <param name="Payment">The caller's payment.</param>
/// <param name="Account">The caller's account.</param>
/// <param name="Amount">
/// In minor units: what was captured; of a failed charge what was asked for; of a dispute what it is about, which a lost one
/// took back: captured − refunded.
/// </param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Status">The charge's status.</param>
/// <param name="Code">Why it failed.</param>
/// <param name="At">When it happened, on the account's clock.</param>
public sealed record SandboxEventData(
    string Charge, string Key, string Payment, string Account, long Amount, string Currency, SandboxChargeStatus Status, string? Code, Instant At);

/// <summary>The sandbox's own JSON: its events, and the steps of a stored script.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, Converters = [typeof(InstantText)],
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SandboxEvent))]
[JsonSerializable(typeof(ScriptStep[]))]
[JsonSerializable(typeof(ScriptStep))]
internal sealed partial class SandboxJson : JsonSerializerContext;

/// <summary>RFC 3339 in UTC.</summary>
internal sealed class InstantText : JsonConverter<Instant>
{
    /// <inheritdoc />
    public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && InstantPattern.ExtendedIso.Parse(reader.GetString()!) is { Success: true } parsed
            ? parsed.Value
            : throw new JsonException("Not an instant.");

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) =>
        writer.WriteStringValue(InstantPattern.ExtendedIso.Format(value));
}
