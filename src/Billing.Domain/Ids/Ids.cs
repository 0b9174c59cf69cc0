using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using NodaTime;

namespace Billing.Domain;

/// <summary>Ids that callers choose, and names that we derive from them.</summary>
/// <remarks>
/// Implementation note: a derived name holds <c>~</c>, which no caller's id may contain. Whoever finds the same work twice
/// (a late wake-up, a second finder, a restored backup) derives the same name and meets the first one's row and gateway key.
/// </remarks>
public static partial class Ids
{
    /// <summary>The most characters that a caller's id may have.</summary>
    public const int MaxLength = 128;

    /// <summary>The most characters that a derived name may have.</summary>
    public const int MaxDerivedLength = 400;

    /// <summary>Whether a caller may use this id: <c>[A-Za-z0-9][A-Za-z0-9._:-]{0,127}</c>.</summary>
    public static bool IsValid(string? id) => id is not null && Pattern().IsMatch(id);

    /// <summary>The payment of one rung of one invoice.</summary>
    public static string RungPayment(string invoice, int rung) => string.Create(CultureInfo.InvariantCulture, $"{invoice}~{rung}");

    /// <summary>The invoice of a rung's payment; <see langword="null"/> where the name is no rung's.</summary>
    public static string? InvoiceOfRung(string payment) =>
        payment.LastIndexOf('~') is > 0 and var at && int.TryParse(payment.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _) ? payment[..at] : null;

    /// <summary>The n-th balance invoice of an account.</summary>
    public static string BalanceInvoice(string account, int n) => string.Create(CultureInfo.InvariantCulture, $"{account}~balance~{n}");

    /// <summary>A payment by hand: the same account, path and key always name the same payment.</summary>
    public static string PaymentByHand(string account, string path, string idempotencyKey) => "pay_" + Hash(account, path, idempotencyKey);

    /// <summary>The one-off that a payment has put on file.</summary>
    public static string KeptMethod(string payment) => "pm_" + Hash(payment);

    /// <summary>The charge of an invoice with a method because it is new.</summary>
    public static string NewMethodPayment(string invoice, string method, int tokenCount) => string.Create(CultureInfo.InvariantCulture, $"{invoice}~{method}~{tokenCount}");

    /// <summary>The n-th refund of a payment.</summary>
    public static string Refund(string payment, int n) => string.Create(CultureInfo.InvariantCulture, $"{payment}~refund~{n}");

    /// <summary>The refund of what of a payment is prepayment, in the account's n-th decision.</summary>
    public static string CreditRefund(string payment, long version) => string.Create(CultureInfo.InvariantCulture, $"{payment}~refund~a{version}");

    /// <summary>The payment of a refund's id; <see langword="null"/> where it is none.</summary>
    public static string? PaymentOfRefund(string refund) => refund.LastIndexOf("~refund~", StringComparison.Ordinal) is > 0 and var at ? refund[..at] : null;

    /// <summary>
    /// Money received elsewhere, by the caller's reference: visible ASCII without <c>~</c>. What no id may hold is written as
    /// <c>~</c> and two hex digits, so that the name fits a path and no two references meet.
    /// </summary>
    public static string Received(string account, string reference) =>
        $"{account}~received~{string.Concat(reference.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-' ? $"{c}" : $"~{(int)c:X2}"))}";

    /// <summary>The key under which a gateway sees one attempt of a payment.</summary>
    public static string GatewayKey(string payment, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{payment}/{ordinal}");

    /// <summary>A short hash of the parts, 128 bits in lower-case hex. The parts are delimited, so that no two lists of parts meet.</summary>
    public static string Hash(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts) text.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._:-]{0,127}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}

/// <summary>Grain keys: a prefix for the kind, then the id.</summary>
/// <remarks>Implementation note: the storage keys a row by state name and key alone and reads a bare hex key as a number; the prefix avoids both.</remarks>
public static class GrainKeys
{
    /// <summary>An account's key.</summary>
    public static string Account(string id) => "acct/" + id;

    /// <summary>An invoice's key.</summary>
    public static string Invoice(string id) => "inv/" + id;

    /// <summary>A payment's key.</summary>
    public static string Payment(string id) => "pay/" + id;

    /// <summary>A policy's key.</summary>
    public static string Policy(string id) => "policy/" + id;

    /// <summary>A test clock's key.</summary>
    public static string TestClock(string id) => "clock/" + id;

    /// <summary>A webhook endpoint's key.</summary>
    public static string WebhookEndpoint(string id) => "hook/" + id;

    /// <summary>
    /// A card's key. Test accounts' cards are counted apart, and those of each test clock by themselves: they have no time in
    /// common. A fingerprint that is no id, and so might look like one of these, goes by its hash.
    /// </summary>
    public static string Card(string fingerprint, bool isTest, string? clock)
    {
        var name = Ids.IsValid(fingerprint) ? fingerprint : "~" + Ids.Hash(fingerprint);
        return (isTest || clock is not null, clock) switch
        {
            (false, _) => "card/" + name,
            (_, null) => "card/test~" + name,
            _ => $"card/test~{clock}~{name}",
        };
    }

    /// <summary>A pay link's key, by the SHA-256 of its token in lower-case hex.</summary>
    public static string PayLink(string hash) => "link/" + hash;

    /// <summary>The key of the installation's keys.</summary>
    public const string Keys = "keys/installation";

    /// <summary>The key of a gateway's event. An event's id that is no id of ours goes by its hash.</summary>
    public static string Inbox(string gateway, string eventId) => $"inbox/{gateway}~{(Ids.IsValid(eventId) ? eventId : "~" + Ids.Hash(eventId))}";

    /// <summary>The key of a kept event's id.</summary>
    public static string InboxOf(string id) => "inbox/" + id;

    /// <summary>The key of the pull of a gateway's books.</summary>
    public static string Pull(string gateway) => "pull/" + gateway;

    /// <summary>The key of the pauses that an operator sets for the whole installation, and of the gateways' pulls.</summary>
    public const string Installation = "brake/installation";

    /// <summary>The key of the brake on deletions.</summary>
    public const string DeletionBrake = "brake/deletion";

    /// <summary>The id in a key.</summary>
    public static string Id(string key) => key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
