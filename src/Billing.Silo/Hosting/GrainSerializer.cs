using Billing.Grains.Hosting;
using Orleans.Storage;

namespace Billing.Silo;

/// <summary>Grain state as the bytes of <see cref="StoredPayload"/>.</summary>
public sealed class GrainSerializer : IGrainStorageSerializer
{
    /// <inheritdoc />
    public BinaryData Serialize<T>(T? input) => new(StoredPayload.Write(input));

    /// <inheritdoc />
    public T? Deserialize<T>(BinaryData input) => StoredPayload.Read<T>(input.ToMemory().Span);
}
