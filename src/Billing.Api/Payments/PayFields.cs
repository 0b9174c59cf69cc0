using Billing.Api.PaymentMethods;
using Billing.Gateways;

namespace Billing.Api.Payments;

/// <summary>What a caller asks when it pays by hand.</summary>
/// <param name="Method">A method on file, or none.</param>
/// <param name="OneOff">A method for this payment alone, or none.</param>
/// <param name="Gateway">The gateway of the one-off.</param>
/// <param name="Keep">Whether the one-off is put on file once it has paid.</param>
/// <param name="Wait">How long to wait.</param>
internal sealed record PayFields(string? Method, MethodCandidate? OneOff, IPaymentGateway? Gateway, bool Keep, TimeSpan Wait)
{
    /// <summary>What the customer was shown as to be paid, where that counts.</summary>
    public Money? Expected { get; init; }

    /// <summary>The same for the same intent; how long the caller waits is not part of it. No token can be read from it.</summary>
    public string Content => Ids.Hash([Method ?? "", OneOff?.Gateway ?? "", OneOff?.Token ?? "", OneOff?.Kind.ToString() ?? "", .. Keep ? ["keep"] : Array.Empty<string>(), .. Expected is { } expected ? [expected.ToString()] : Array.Empty<string>()]);

    /// <summary>Reads the fields; what is wrong is noted.</summary>
    public static PayFields Read(Fields fields, GatewayChoice gateways, bool isTestAccount)
    {
        var method = fields.Id("payment_method");
        var oneOff = fields.Object("one_off");
        var read = oneOff is null ? null : MethodFields.Read(oneOff, gateways, id: null, isTestAccount);
        var keep = oneOff?.Flag("keep") ?? false;
        if (oneOff is not null && method is not null) fields.Refuse("one_off", "Must not come with payment_method: one of the two is charged.");
        var wait = fields.Whole("wait_seconds", 0, ApiBounds.WaitSeconds) ?? ApiBounds.WaitSecondsDefault;
        return new PayFields(method, read?.Candidate, read?.Gateway, keep, TimeSpan.FromSeconds(wait));
    }
}
