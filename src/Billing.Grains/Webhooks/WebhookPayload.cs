using System.Buffers;
using System.Text.Json;
using Billing.Grains.Interfaces.Index;
using NodaTime.Text;

namespace Billing.Grains.Webhooks;

/// <summary>
/// What a subscriber is told of an event: <c>type</c>, <c>timestamp</c> and <c>data</c>, as Standard Webhooks 1.0.0 recommends, where
/// <c>data</c> is the event as <c>GET /v1/events</c> shows it. An event of a test account says <c>test: true</c>.
/// </summary>
public static class WebhookPayload
{
    /// <summary>Writes it. The same event gives the same bytes.</summary>
    public static ReadOnlyMemory<byte> Write(EventRow row, bool isTest)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("type", row.Type);
        writer.WriteString("timestamp", Text(row.OccurredAt));
        if (isTest) writer.WriteBoolean("test", true);
        writer.WriteStartObject("data");
        writer.WriteNumber("seq", row.Seq);
        writer.WriteString("account", row.Account);
        if (row.AccountSeq is { } number) writer.WriteNumber("account_seq", number);
        else writer.WriteNull("account_seq");
        writer.WriteString("type", row.Type);
        writer.WriteString("occurred_at", Text(row.OccurredAt));
        writer.WriteString("effective_at", Text(row.EffectiveAt));
        writer.WriteString("recorded_at", Text(row.RecordedAt));
        writer.WritePropertyName("data");
        row.Data.WriteTo(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static string Text(NodaTime.Instant at) => InstantPattern.ExtendedIso.Format(at);
}
