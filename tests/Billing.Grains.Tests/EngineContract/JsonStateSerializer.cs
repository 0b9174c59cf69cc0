using System.Text.Json;
using Orleans.Storage;

namespace Billing.Grains.Tests.EngineContract;

/// <summary>Grain state as JSON.</summary>
public sealed class JsonStateSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input));

    public T? Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span);
}
