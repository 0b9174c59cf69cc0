using System.Globalization;
using Billing.Testing.Http;

namespace Billing.Testing.Loads;

/// <summary>A person who pays what an account owes, and does not stop before the service has said that it is paid.</summary>
public sealed class Payer(BillingClient client, Acknowledged acknowledged, Plan plan)
{
    private static readonly string[] Named = ["id", "account", "amount", "currency", "invoices"];
    private static readonly string[] Captured = [.. Named, "status", "captured"];
    private static readonly string[] Settled = [.. Captured, "allocations", "standing_version"];

    private int _tries = 1;
    private string? _open;

    /// <summary>Whether the service has said so.</summary>
    public bool IsPaid { get; private set; }

    /// <summary>Pays, or finds out what became of a payment whose outcome was open; ends also while that is still open.</summary>
    /// <exception cref="InvalidOperationException">An answer that no caller has to expect.</exception>
    public async Task PayAsync()
    {
        for (var calls = 0; calls < 5 && !IsPaid; calls++)
        {
            if (_open is not null && !await HasFailedAsync(_open)) return;
            if (!await IsAnsweredAsync()) return;
        }
    }

    private async Task<bool> IsAnsweredAsync()
    {
        var answer = await client.PostAsync(plan.PayPath, plan.PayBody, string.Create(CultureInfo.InvariantCulture, $"{plan.Account}-pay-{_tries}"));
        switch (answer)
        {
            case { Status: 200 }:
                acknowledged.Keep(answer, "/v1/payments/" + answer.Text("id"), Settled);
                IsPaid = true;
                return true;
            case { Status: 202 }:
                acknowledged.Keep(answer, "/v1/payments/" + answer.Text("id"), Named);
                _open = answer.Text("id");
                return false;
            case { Code: "payment_declined" }:
                _tries++;
                return true;
            case { Code: "payment_in_flight" }:
                return false;
            default:
                throw new InvalidOperationException($"{plan.PayPath}, try {_tries}: answered {answer}");
        }
    }

    /// <summary>Whether another payment has to be made, because the open one ended without paying.</summary>
    private async Task<bool> HasFailedAsync(string payment)
    {
        var answer = await client.GetAsync("/v1/payments/" + payment);
        switch (answer.Text("status"))
        {
            case "succeeded":
                acknowledged.Keep(answer, "/v1/payments/" + payment, Captured);
                IsPaid = true;
                return false;
            case "failed":
                _open = null;
                _tries++;
                return true;
            default:
                return false;
        }
    }
}
