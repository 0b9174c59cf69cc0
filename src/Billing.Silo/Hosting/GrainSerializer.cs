using System.Text.Json;
using Billing.Grains.Hosting;
using Orleans.Storage;

namespace Billing.Silo;

/// <summary>Grain state as the source-generated JSON of <see cref="StoredJson"/>; anything else (the engine's own tests) as plain JSON.</summary>
public sealed class GrainSerializer : IGrainStorageSerializer
{
    /// <inheritdoc />
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, typeof(T), StoredJson.Default));

    /// <inheritdoc />
    public T? Deserialize<T>(BinaryData input) => (T?)JsonSerializer.Deserialize(input.ToMemory().Span, typeof(T), StoredJson.Default);
}
