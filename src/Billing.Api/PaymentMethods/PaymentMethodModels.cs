namespace Billing.Api.PaymentMethods;

/// <summary>A payment method to put on file.</summary>
public sealed record PaymentMethodRequest
{
    /// <summary>The gateway that knows the token: <c>sandbox</c>.</summary>
    public required string Gateway { get; init; }

    /// <summary>The gateway's name for the method, at most 255 characters; never a card number. It is not shown again.</summary>
    public required string Token { get; init; }

    /// <summary>What kind it is.</summary>
    public required MethodKind Kind { get; init; }

    /// <summary>Whether it becomes the default; left out, the first method does.</summary>
    public bool? Default { get; init; }
}

/// <summary>A payment method on file. Its token is never shown.</summary>
/// <param name="Id">The caller's id.</param>
/// <param name="Kind">What kind it is.</param>
/// <param name="Brand">The card's brand, where the gateway tells it.</param>
/// <param name="Last4">The last four digits, where the gateway tells them.</param>
/// <param name="Default">Whether it is charged first.</param>
/// <param name="Usable">Whether it may be charged automatically: <c>false</c> after a hard decline, until it has a new token.</param>
public sealed record PaymentMethodResponse(string Id, MethodKind Kind, string? Brand, string? Last4, bool Default, bool Usable)
{
    internal static PaymentMethodResponse Of(PaymentMethod method, AccountView account) =>
        new(method.Id, method.Kind, method.Brand, method.Last4, string.Equals(method.Id, account.DefaultMethod, StringComparison.Ordinal), method.HardDecline is null);
}
