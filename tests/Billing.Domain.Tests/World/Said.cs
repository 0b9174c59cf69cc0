using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Billing.Domain.Tests;

/// <summary>Messages and replies as a person reads them in a trace.</summary>
internal static class Said
{
    private static readonly JsonSerializerOptions Options = new()
    {
        Converters = { new InstantJsonConverter(), new DurationJsonConverter(), new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string By(JsonNode said) => said.ToJsonString(Options);

    public static string By(object said) => $"{said.GetType().Name} {JsonSerializer.Serialize(said, said.GetType(), Options)}";
}
