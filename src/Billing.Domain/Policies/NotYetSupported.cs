using NodaTime;

namespace Billing.Domain;

/// <summary>
/// What the language of policies knows and this version does not do yet. Such a key may carry its default, which changes
/// nothing, and is refused with anything else: a rule that an operator wrote and nobody follows would be worse than none.
/// </summary>
/// <remarks>
/// Implementation note: a feature that lands moves its lines from here to its reader and is honoured from then on. With
/// <c>delete_resources</c> goes the check that its standing is reached by 24 hours or more of <c>in_standing</c> of a milder one.
/// </remarks>
internal static class NotYetSupported
{
    private static readonly Duration CryptoWindow = Duration.FromMinutes(60);

    public static void InPolicy(Fields policy)
    {
        if (policy.FindUnlessNull("cycle") is { } cycle && cycle.Object() is not null) Refuse(cycle, "cycle");
        Word(policy, "refunds", "offered", "refused");
        Word(policy, "extensions", "offered", "refused");
        EmptyList(policy, "requires_subscription");

        if (policy.Find("recovery")?.Object() is not { } recovery) return;
        Word(recovery, "resources", "manual", "automatic");
        Word(recovery, "subscription_period", "keep", "restart_at_payment");
        recovery.Close();
    }

    public static void InCollection(Fields collection)
    {
        Word(collection, "on_new_method", "nothing", "charge");
        EmptyObject(collection, "minimum");
        EmptyList(collection, "refuse_funding");
        if (collection.Find("crypto_window") is { } window && window.Duration() is { } length && length != CryptoWindow) Refuse(window, "Another one than \"60m\"");

        if (collection.Find("notices")?.Object() is not { } notices) return;
        foreach (var key in (string[])["attempt_failed", "recovered", "before_due"])
        {
            if (notices.FindUnlessNull(key) is { } notice) Refuse(notice, key);
        }

        notices.Close();
    }

    public static void InInvoice(Fields invoice)
    {
        if (invoice.FindUnlessNull("cancel_after") is { } cancel && cancel.Duration() is not null) Refuse(cancel, "cancel_after");
        if (invoice.Find("cancel_cancels_subscription") is { } cascade && cascade.Flag() == true) Refuse(cascade, "true");
    }

    public static void InStanding(Fields standing) => EmptyList(standing, "requires_notice");

    /// <summary>Whether an entry of <c>on_enter</c> is known and not done yet; then it is refused.</summary>
    public static bool OnEnter(Node node, string entry)
    {
        if (entry is not ("power_down" or "delete_resources")) return false;
        Refuse(node, entry);
        return true;
    }

    private static void Word(Fields fields, string key, string supported, string later)
    {
        if (fields.Find(key) is { } node && node.Word(supported, later) == later) Refuse(node, $"\"{later}\"");
    }

    private static void EmptyList(Fields fields, string key)
    {
        if (fields.Find(key) is { } node && !node.Items(int.MaxValue).IsEmpty) Refuse(node, key);
    }

    private static void EmptyObject(Fields fields, string key)
    {
        if (fields.Find(key) is { } node && node.Object() is { IsEmpty: false }) Refuse(node, key);
    }

    private static void Refuse(Node node, string what) => node.Refuse($"{what} is not supported by this version yet.");
}
