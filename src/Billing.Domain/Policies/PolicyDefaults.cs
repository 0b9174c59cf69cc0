using System.Text.Json;

namespace Billing.Domain;

/// <summary>What a policy says where it says nothing.</summary>
/// <remarks>
/// Implementation note: the defaults themselves are where they are used, in the records of <see cref="Policy"/>; this is the
/// same in the policy's own language, for people, and a test holds the two together.
/// </remarks>
public static class PolicyDefaults
{
    /// <summary>The default of every key but the standings', as a policy document that says no more than an empty one.</summary>
    public static JsonElement Document { get; } = JsonElement.Parse(
        """
        {
          "description": null,
          "cycle": null,
          "collection": {
            "charge": "at_issue",
            "due_after": "0d",
            "methods": "default",
            "retry_after": [],
            "retry_methods": "default",
            "on_new_method": "nothing",
            "processing_hold": { "default": "24h", "bank": "6d" },
            "crypto_window": "60m",
            "minimum": { "USD": 50 },
            "refuse_funding": [],
            "notices": { "attempt_failed": null, "recovered": null, "before_due": null, "issued": null, "paid": null }
          },
          "invoice": {
            "cancel_after": null,
            "cancel_cancels_subscription": false,
            "balance_invoice": false,
            "settles_label": "Invoice that pays the following outstanding balance:"
          },
          "standings": [],
          "recovery": { "resources": "manual", "subscription_period": "keep" },
          "requires_subscription": [],
          "refunds": "offered",
          "extensions": "offered",
          "message_contexts": {}
        }
        """);

    /// <summary>
    /// The default of every key of a standing that may be left out. A <c>code</c> of <c>null</c> is the standing's name; a
    /// <c>message</c> of <c>null</c> is allowed only where nothing is denied.
    /// </summary>
    public static JsonElement Standing { get; } = JsonElement.Parse(
        """
        {
          "deny": [],
          "deny_if": [],
          "code": null,
          "message": null,
          "banner": null,
          "login_redirect": false,
          "on_enter": [],
          "requires_notice": []
        }
        """);
}
