#if ORLEANS
using Billing.Domain;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Configuration;

namespace Billing.Silo;

/// <summary>
/// What goes over the wire, and how: the very JSON in which messages are stored, so there is one contract to keep. Silos
/// and clients both need it.
/// </summary>
public static class WireJson
{
    /// <summary>
    /// Everything that a call carries, by its name on the wire. A name, once used, keeps its meaning, so that old and new
    /// silos can run side by side.
    /// </summary>
    public static IReadOnlyDictionary<string, Type> Contract { get; } = new Dictionary<string, Type>(StringComparer.Ordinal)
    {
        ["billing.call"] = typeof(Call),
        ["billing.delivery"] = typeof(Delivery),
        ["billing.conclusion"] = typeof(Conclusion),
        ["billing.done"] = typeof(Done),
        ["billing.refused"] = typeof(Refused),
        ["billing.gate_call"] = typeof(GateCall),
        ["billing.gate_result"] = typeof(GateResult),
        ["billing.read_call"] = typeof(ReadCall),
        ["billing.sweep_call"] = typeof(SweepCall),
        ["billing.nudge_call"] = typeof(NudgeCall),
        ["billing.webhook_state"] = typeof(WebhookState),
        ["billing.account_reading"] = typeof(AccountReading),
        ["billing.forecast_reading"] = typeof(ForecastReading),
        ["billing.explanation_reading"] = typeof(ExplanationReading),
        ["billing.preview_call"] = typeof(PreviewCall),
        ["billing.preview_reading"] = typeof(PreviewReading),
        ["billing.pay_page_call"] = typeof(PayPageCall),
        ["billing.pay_page_reading"] = typeof(PayPageReading),
        ["billing.keys_state"] = typeof(KeysState),
        ["billing.link_state"] = typeof(PayLinkState),
        ["billing.invoice_state"] = typeof(InvoiceState),
        ["billing.payment_state"] = typeof(PaymentState),
        ["billing.policy_state"] = typeof(PolicyState),
        ["billing.brake_state"] = typeof(BrakeState),
        ["billing.ceiling_state"] = typeof(CeilingState),
        ["billing.pull_state"] = typeof(PullState),
        ["billing.inbox_state"] = typeof(InboxState),
        ["billing.clock_state"] = typeof(TestClockState),
    };

    private static readonly HashSet<Type> Types = [.. Contract.Values];

    /// <summary>Adds the contract to a silo or a client.</summary>
    public static IServiceCollection AddWireJson(this IServiceCollection services)
    {
        services.AddSingleton<IGeneralizedCopier, NoCopier>();
        // The database's failure reaches the caller's process as what it is: there it is "not just now" and no fault.
        services.Configure<ExceptionSerializationOptions>(exceptions => exceptions.SupportedNamespacePrefixes.Add(nameof(Npgsql)));
        return services.AddSerializer(serializer => serializer
            .AddJsonSerializer(type => Types.Contains(type) || IsState(type), isCopyable: null, json => json.Configure(options => options.SerializerOptions = StoredJson.Default.Options))
            .Configure(Name));
    }

    /// <summary>An activation that moves to another silo takes along what it has read: there it is ready without reading it again.</summary>
    private static bool IsState(Type type) => type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(Stored<>);

    private static void Name(TypeManifestOptions manifest)
    {
        foreach (var (name, type) in Contract) manifest.WellKnownTypeAliases[name] = type;
        // Nothing has this type itself, but a response between two processes says which type was promised.
        manifest.WellKnownTypeAliases["billing.reply"] = typeof(Reply);
    }

    /// <summary>
    /// Orleans copies what a call within a process carries, in case either side changes it. Ours are immutable through and
    /// through (a test holds them to that), so both sides may have the same one.
    /// </summary>
    private sealed class NoCopier : IGeneralizedCopier, IOptionalDeepCopier
    {
        public bool IsSupportedType(Type type) => type == typeof(Reply) || Types.Contains(type);

        public bool IsShallowCopyable() => true;

        public object? DeepCopy(object? input, CopyContext context) => input;
    }
}
#endif
