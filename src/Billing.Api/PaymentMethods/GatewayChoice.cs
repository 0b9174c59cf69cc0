using Billing.Gateways;

namespace Billing.Api.PaymentMethods;

/// <summary>Which gateway an account may use. Test accounts use the sandbox only; live ones never do once a real gateway is configured, or in Production.</summary>
internal sealed class GatewayChoice(IEnumerable<IPaymentGateway> gateways, ApiSetup setup)
{
    private const string Sandbox = "sandbox";

    private readonly Dictionary<string, IPaymentGateway> _byName = gateways
        .Where(gateway => setup.HasSandbox || gateway.Name != Sandbox).ToDictionary(gateway => gateway.Name, StringComparer.Ordinal);

    /// <summary>A gateway by name; noted as wrong and none where the account may not use it.</summary>
    public IPaymentGateway? Find(Fields fields, bool isTestAccount)
    {
        if (fields.Text("gateway", ApiBounds.TagLength, required: true) is not { } name) return null;
        var wrong = _byName.ContainsKey(name) switch
        {
            false => $"There is no gateway '{JsonTexts.Shown(name)}'. There are: {string.Join(", ", _byName.Keys.Order(StringComparer.Ordinal))}.",
            _ when isTestAccount && name != Sandbox => "A test account uses the sandbox only.",
            _ when !isTestAccount && name == Sandbox && (setup.IsProduction || _byName.Count > 1) => "A live account never uses the sandbox here.",
            _ => null,
        };
        if (wrong is null) return _byName[name];
        fields.Refuse("gateway", wrong);
        return null;
    }
}
