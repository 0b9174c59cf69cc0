using System.Text.Json;
using System.Text.Json.Serialization;

namespace Billing.Grains.Hosting;

/// <summary>
/// The JSON contract of everything that is stored and sent between grains. One contract for both: an outbox entry is
/// stored in the very form in which its receiver reads it.
/// </summary>
/// <remarks>
/// Implementation note: what a type derives from its facts is not stored. Nobody reads it, it makes every row longer, and what
/// cannot be derived yet would throw: a row can hold messages for an account that does not exist.
/// </remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    UseStringEnumConverter = true,
    Converters = [typeof(InstantJsonConverter), typeof(DurationJsonConverter)])]
[JsonSerializable(typeof(Stored<AccountState>))]
[JsonSerializable(typeof(Stored<InvoiceState>))]
[JsonSerializable(typeof(Stored<PaymentState>))]
[JsonSerializable(typeof(Stored<PolicyState>))]
[JsonSerializable(typeof(Stored<CeilingState>))]
[JsonSerializable(typeof(Stored<BrakeState>))]
[JsonSerializable(typeof(Stored<InboxState>))]
[JsonSerializable(typeof(Stored<PullState>))]
[JsonSerializable(typeof(Stored<TestClockState>))]
[JsonSerializable(typeof(Stored<KeysState>))]
[JsonSerializable(typeof(Stored<PayLinkState>))]
[JsonSerializable(typeof(PayPageCall))]
[JsonSerializable(typeof(PayPageReading))]
[JsonSerializable(typeof(Stored<WebhookState>))]
[JsonSerializable(typeof(Call))]
[JsonSerializable(typeof(Delivery))]
[JsonSerializable(typeof(Conclusion))]
[JsonSerializable(typeof(Reply))]
[JsonSerializable(typeof(GateCall))]
[JsonSerializable(typeof(GateResult))]
[JsonSerializable(typeof(ReadCall))]
[JsonSerializable(typeof(SweepCall))]
[JsonSerializable(typeof(NudgeCall))]
[JsonSerializable(typeof(AccountReading))]
[JsonSerializable(typeof(ForecastReading))]
[JsonSerializable(typeof(ExplanationReading))]
[JsonSerializable(typeof(PreviewCall))]
[JsonSerializable(typeof(PreviewReading))]
// The cluster's codec serializes by the type that it finds in its hands.
[JsonSerializable(typeof(object))]
public sealed partial class StoredJson : JsonSerializerContext
{
}
