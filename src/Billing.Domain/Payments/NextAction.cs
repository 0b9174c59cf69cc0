using NodaTime;

namespace Billing.Domain;

/// <summary>What the customer has to do before money moves.</summary>
/// <param name="RedirectUrl">Where a challenge is answered.</param>
/// <param name="Address">Where coins go.</param>
/// <param name="Amount">How much of what, as the customer's wallet wants it: <c>0.00042 BTC</c>.</param>
/// <param name="Network">The network of the coins.</param>
/// <param name="ExpiresAt">Until when.</param>
public sealed record NextAction(string? RedirectUrl, string? Address, string? Amount, string? Network, Instant? ExpiresAt);
