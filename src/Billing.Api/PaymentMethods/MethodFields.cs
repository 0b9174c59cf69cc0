using Billing.Gateways;

namespace Billing.Api.PaymentMethods;

/// <summary>Reads what a method is: gateway, token and kind.</summary>
internal static class MethodFields
{
    private const int ShortestCardNumber = 12;
    private const int LongestCardNumber = 19;

    /// <summary>The method as a payment may use it, with its gateway; none where something is wrong, which is noted.</summary>
    public static (MethodCandidate Candidate, IPaymentGateway Gateway)? Read(Fields fields, GatewayChoice gateways, string? id, bool isTestAccount)
    {
        var gateway = gateways.Find(fields, isTestAccount);
        var token = fields.Text("token", ApiBounds.TokenLength, required: true);
        var kind = fields.Word("kind", required: true, ("card", MethodKind.Card), ("bank", MethodKind.Bank), ("crypto", MethodKind.Crypto));
        if (token is not null && LooksLikeCardNumber(token))
        {
            fields.Refuse("token", "Looks like a card number. Send the token that the gateway gave for it; card numbers must never come here.");
            return null;
        }

        return gateway is null || token is null || kind is null ? null : (new MethodCandidate(id, gateway.Name, token, kind.Value), gateway);
    }

    /// <summary>The method as it is kept on file, with what its gateway knows of the token.</summary>
    public static PaymentMethod OnFile(string id, MethodCandidate candidate, MethodDescription description) => Known(candidate, description).OnFile(id, Face(description));

    /// <summary>The candidate with what its gateway knows of the token.</summary>
    public static MethodCandidate Known(MethodCandidate candidate, MethodDescription description) =>
        candidate with { Fingerprint = description.Fingerprint, Network = description.Network, Funding = description.Funding };

    /// <summary>What people know it by.</summary>
    public static MethodFace Face(MethodDescription description) => new(description.Brand, description.Last4);

    /// <summary>12 to 19 digits, spaces and dashes aside, whose last is the check digit of ISO/IEC 7812-1.</summary>
    public static bool LooksLikeCardNumber(string token)
    {
        if (token.Any(c => !char.IsAsciiDigit(c) && c is not (' ' or '-'))) return false;
        var digits = token.Where(char.IsAsciiDigit).Select(c => c - '0').ToArray();
        if (digits.Length is < ShortestCardNumber or > LongestCardNumber) return false;
        var sum = digits.Reverse().Select((digit, i) => i % 2 == 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2).Sum();
        return sum % 10 == 0;
    }
}
