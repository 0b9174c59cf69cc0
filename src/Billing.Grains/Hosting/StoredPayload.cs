using System.Buffers;
using System.IO.Compression;
using System.Text.Json;

namespace Billing.Grains.Hosting;

/// <summary>
/// The bytes of a stored envelope. An ordinary one is the plain JSON of <see cref="StoredJson"/>. Of a large one, what only
/// the grain itself reads (its state, outbox and inbox) is packed, so that a row stays small however much an account holds;
/// what the database's trigger reads is always plain.
/// </summary>
/// <remarks>
/// Implementation note: packed it is <c>{"packed":"brotli","kind":…}</c>, a byte 0, which no JSON holds, and the compressed object of the rest. A
/// state's JSON is names, dates and ids that come again and again; it becomes a tenth. Whoever does not know the form fails to
/// read it, instead of taking the grain for one that was never written.
/// </remarks>
public static class StoredPayload
{
    /// <summary>Bytes from which an envelope is packed. Below it the time that packing takes would save nothing.</summary>
    public const int PackedFrom = 32 * 1024;

    /// <summary>The most bytes of a row, at all bounds of what it holds.</summary>
    public const int Largest = 256 * 1024;

    // Finds what an account says again far away from where it said it first, at some thirty milliseconds a megabyte.
    private const int Quality = 5;
    private const int Window = 22;
    private const byte Seam = 0;

    private static readonly string[] s_packed = ["state", "outbox", "inbox"];

    private static ReadOnlySpan<byte> Mark => "{\"packed\":\"brotli\","u8;

    /// <summary>An envelope as it is stored.</summary>
    public static byte[] Write<T>(T? envelope)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(envelope, typeof(T), StoredJson.Default);
        return plain.Length < PackedFrom ? plain : Pack(plain);
    }

    /// <summary>What was stored, packed or plain.</summary>
    /// <exception cref="JsonException">It is no envelope.</exception>
    public static T? Read<T>(ReadOnlySpan<byte> payload) =>
        (T?)JsonSerializer.Deserialize(payload.StartsWith(Mark) ? Unpack(payload) : payload, typeof(T), StoredJson.Default);

    private static byte[] Pack(byte[] plain)
    {
        using var envelope = JsonDocument.Parse(plain);
        var properties = envelope.RootElement.EnumerateObject().ToLookup(property => s_packed.Contains(property.Name, StringComparer.Ordinal));
        return [.. Mark, .. Object(properties[false])[1..], Seam, .. Compressed(Object(properties[true]))];
    }

    private static byte[] Unpack(ReadOnlySpan<byte> payload)
    {
        var seam = payload.IndexOf(Seam);
        if (seam < 0) throw new JsonException("A packed payload has nothing packed.");
        return [.. payload[..(seam - 1)], (byte)',', .. Decompressed(payload[(seam + 1)..])[1..]];
    }

    private static ReadOnlySpan<byte> Object(IEnumerable<JsonProperty> properties)
    {
        var bytes = new ArrayBufferWriter<byte>(PackedFrom);
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            foreach (var property in properties) property.WriteTo(writer);
            writer.WriteEndObject();
        }

        return bytes.WrittenSpan;
    }

    private static ReadOnlySpan<byte> Compressed(ReadOnlySpan<byte> plain)
    {
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        return BrotliEncoder.TryCompress(plain, packed, out var length, Quality, Window)
            ? packed.AsSpan(0, length)
            : throw new InvalidOperationException("Nothing becomes longer than the most that it can become.");
    }

    private static ReadOnlySpan<byte> Decompressed(ReadOnlySpan<byte> packed)
    {
        using var source = new BrotliStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
        var plain = new MemoryStream();
        source.CopyTo(plain);
        return plain.GetBuffer().AsSpan(0, (int)plain.Length);
    }
}
