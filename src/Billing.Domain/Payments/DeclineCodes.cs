using System.Collections.Frozen;

namespace Billing.Domain;

/// <summary>
/// What a decline code means for trying again. Source: <c>design/corners.md</c> of 2026-11, after the card networks'
/// excessive-retry rules (Visa response code category 1, "issuer will never approve"; Mastercard merchant advice code 03, "do not try again").
/// </summary>
public static class DeclineCodes
{
    /// <summary>A gateway's advice that goes before the reason for a decline: the network forbids another try. Source: Stripe's advice codes (docs.stripe.com/declines/codes), as of 2026-11-30.</summary>
    public const string DoNotTryAgain = "do_not_try_again";

    private static readonly FrozenSet<string> Hard = FrozenSet.ToFrozenSet(
        [
            "lost_card", "stolen_card", "pickup_card", "invalid_account", "account_closed", "revocation_of_authorization",
            "revocation_of_all_authorizations", "transaction_not_allowed", "not_permitted", "restricted_card",
            DoNotTryAgain,
        ],
        StringComparer.Ordinal);

    private static readonly FrozenSet<string> Final = FrozenSet.ToFrozenSet(
        ["lost_card", "stolen_card", "pickup_card", "invalid_account", "account_closed", "revocation_of_all_authorizations"],
        StringComparer.Ordinal);

    /// <summary>Whether the method is never tried again automatically.</summary>
    public static bool IsHard(string? code) => code is not null && Hard.Contains(code);

    /// <summary>Whether the method may not even be tried by hand.</summary>
    public static bool IsFinal(string? code) => code is not null && Final.Contains(code);
}
