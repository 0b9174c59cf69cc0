using System.Text.Json;

namespace Billing.Stripe;

/// <summary>
/// What a decline of Stripe's is in our words. The pages to compare it with are docs.stripe.com/declines/codes and
/// docs.stripe.com/error-codes; as of 2026-11-30 the list is not checked against them code by code. Stripe's decline codes are the words that <see cref="DeclineCodes"/> knows; what an advice code adds is that a
/// method must not be tried again, whatever the issuer said of the reason.
/// </summary>
internal static class StripeDeclines
{
    /// <summary>The code of a charge that nobody was there to answer a challenge of.</summary>
    public const string AuthenticationRequired = "authentication_required";

    /// <summary>The code of an amount that is too little to be charged.</summary>
    public const string AmountTooSmall = "amount_too_small";

    /// <summary>Our code of an error, or of an intent's <c>last_payment_error</c>.</summary>
    public static string CodeOf(JsonElement error)
    {
        var code = error.Text("decline_code") ?? error.Text("code") ?? "declined";
        if (DeclineCodes.IsHard(code)) return code;
        return error.Text("advice_code") switch
        {
            "do_not_try_again" => DeclineCodes.DoNotTryAgain,
            _ => code switch
            {
                // The method does not exist any more, or was never one of this customer's.
                "resource_missing" when IsAboutMethod(error) => "invalid_account",
                "payment_method_not_available" or "bank_account_unusable" or "no_account" => "invalid_account",
                "debit_not_authorized" => "revocation_of_authorization",
                "card_declined" => "generic_decline",
                _ => code,
            },
        };
    }

    /// <summary>Whether it failed for want of the customer.</summary>
    public static bool NeedsCustomer(JsonElement error) => error.Text("code") is AuthenticationRequired || error.Text("decline_code") is AuthenticationRequired;

    private static bool IsAboutMethod(JsonElement error) => error.Text("param") is "payment_method" or "customer" or "source";
}
