using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>
/// The two sides of every money event, which sum to zero, so that statement, aging and audit are queries over events.
/// Positive is what the business has or is owed, and what it gave up; negative is what it owes and what it earned.
/// </summary>
internal static class Postings
{
    /// <summary>Money that gateways captured or that was received elsewhere.</summary>
    public const string Cash = "cash";

    /// <summary>What customers owe.</summary>
    public const string Receivable = "receivable";

    /// <summary>Money held for customers.</summary>
    public const string Prepayment = "prepayment";

    /// <summary>Promotional credit that customers hold.</summary>
    public const string Promo = "promo";

    /// <summary>Tax owed on.</summary>
    public const string Tax = "tax";

    /// <summary>What was invoiced, less what credit notes, withdrawals and granted credit gave up.</summary>
    public const string Revenue = "revenue";

    /// <summary>What was given up as uncollectable; paying brings it back.</summary>
    public const string WrittenOff = "write_off";

    /// <summary>Money that was taken back and lies on no invoice.</summary>
    public const string Loss = "loss";

    /// <summary>An event's postings. Lines of nothing are left out.</summary>
    /// <exception cref="InvalidOperationException">They do not sum to zero.</exception>
    public static JsonArray Of(params ReadOnlySpan<(string Account, Money Amount)> lines)
    {
        var array = new JsonArray();
        var sum = 0L;
        foreach (var (account, amount) in lines)
        {
            sum = checked(sum + amount.MinorUnits);
            if (!amount.IsZero) array.Add(new JsonObject { ["account"] = account, ["amount"] = amount.MinorUnits });
        }

        return sum == 0 ? array : throw new InvalidOperationException($"Postings sum to {sum}: {array.ToJsonString()}");
    }
}
