using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Billing.Crash.Tests.Webhooks;

/// <summary>One webhook, to be sent as it is as often as it comes.</summary>
/// <param name="Door">The last part of the path.</param>
/// <param name="Id">The provider's id of the event.</param>
/// <param name="Body">What it says.</param>
internal sealed record Report(string Door, string Id, string Body);

/// <summary>What an account must have in the end.</summary>
internal sealed class Expected
{
    /// <summary>What was captured under each reference.</summary>
    public Dictionary<string, long> Captured { get; } = new(StringComparer.Ordinal);

    /// <summary>What was sent back of each reference.</summary>
    public Dictionary<string, long> Refunded { get; } = new(StringComparer.Ordinal);

    /// <summary>What was taken back of each reference.</summary>
    public Dictionary<string, long> Reversed { get; } = new(StringComparer.Ordinal);
}

/// <summary>So many webhooks about some accounts, from one seed: money received, and some of it refunded or disputed.</summary>
internal sealed class Reports
{
    public const string StandardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    public const string StripeSecret = "whsec_of_the_soak";

    private readonly Dictionary<string, Expected> _expected = new(StringComparer.Ordinal);
    private readonly List<Report> _all = [];

    public Reports(int count, int accounts, int seed)
    {
        var random = new Random(seed);
        while (_all.Count < count)
        {
            var n = _all.Count;
            var account = AccountName(random.Next(accounts));
            var amount = random.Next(1, 5_000);
            if (random.Next(3) > 0) Bank(account, $"wire-{n}", amount, random);
            else Intent(account, $"pi_{n}", amount, random);
        }
    }

    /// <summary>Every webhook, once.</summary>
    public IReadOnlyList<Report> All => _all;

    /// <summary>What each account must have in the end.</summary>
    public IReadOnlyDictionary<string, Expected> Expected => _expected;

    public static string AccountName(int n) => $"payer-{n}";

    /// <summary>The headers of one sending, signed now.</summary>
    public static IEnumerable<(string Name, string Value)> Sign(Report report)
    {
        var at = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        if (report.Door == "stripe") return [("Stripe-Signature", $"t={at},v1={Convert.ToHexStringLower(Mac(Encoding.UTF8.GetBytes(StripeSecret), $"{at}.{report.Body}"))}")];
        var key = Convert.FromBase64String(StandardSecret["whsec_".Length..]);
        return [("webhook-id", report.Id), ("webhook-timestamp", at), ("webhook-signature", "v1," + Convert.ToBase64String(Mac(key, $"{report.Id}.{at}.{report.Body}")))];
    }

    private void Bank(string account, string reference, long amount, Random random)
    {
        Add("standard", $$"""{"type": "payment.received", "data": {"account": "{{account}}", "amount": {{amount}}, "currency": "USD", "reference": "{{reference}}"} }""");
        Of(account).Captured[reference] = amount;
        if (random.Next(5) > 0) return;
        var refunded = random.NextInt64(1, amount + 1);
        Add("standard", $$"""{"type": "payment.refunded", "data": {"account": "{{account}}", "amount": {{refunded}}, "currency": "USD", "reference": "{{reference}}"} }""");
        Of(account).Refunded[reference] = refunded;
    }

    private void Intent(string account, string intent, long amount, Random random)
    {
        Stripe("payment_intent.succeeded", $$"""{"id": "{{intent}}", "amount_received": {{amount}}, "currency": "usd", "metadata": {"billing_account": "{{account}}"} }""");
        Of(account).Captured[intent] = amount;
        switch (random.Next(4))
        {
            case 0:
                var (first, second) = (random.NextInt64(0, amount) / 2 + 1, random.NextInt64(0, amount) / 2 + 1);
                if (first + second > amount) return;
                Stripe("charge.refunded", $$"""{"id": "ch_{{intent}}", "payment_intent": "{{intent}}", "amount_refunded": {{first}}, "currency": "usd"}""");
                Stripe("charge.refunded", $$"""{"id": "ch_{{intent}}", "payment_intent": "{{intent}}", "amount_refunded": {{first + second}}, "currency": "usd"}""");
                Stripe("refund.updated", $$"""{"id": "re_1_{{intent}}", "payment_intent": "{{intent}}", "amount": {{first}}, "currency": "usd", "status": "succeeded"}""");
                Of(account).Refunded[intent] = first + second;
                break;
            case 1:
                var isLost = random.Next(2) == 0;
                Stripe("charge.dispute.created", $$"""{"id": "dp_{{intent}}", "payment_intent": "{{intent}}", "amount": {{amount}}, "currency": "usd", "status": "needs_response"}""");
                Stripe("charge.dispute.closed", $$"""{"id": "dp_{{intent}}", "payment_intent": "{{intent}}", "amount": {{amount}}, "currency": "usd", "status": "{{(isLost ? "lost" : "won")}}"}""");
                if (isLost) Of(account).Reversed[intent] = amount;
                break;
        }
    }

    private void Stripe(string type, string thing)
    {
        var id = $"evt_{_all.Count}";
        _all.Add(new Report("stripe", id, $$"""{"id": "{{id}}", "type": "{{type}}", "livemode": true, "created": 1772800000, "data": {"object": {{thing}} } }"""));
    }

    private void Add(string door, string body) => _all.Add(new Report(door, $"msg_{_all.Count}", body));

    private Expected Of(string account)
    {
        if (!_expected.TryGetValue(account, out var expected)) _expected[account] = expected = new Expected();
        return expected;
    }

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
