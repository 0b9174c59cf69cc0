using Billing.Testing;
using NodaTime;
using Xunit;

namespace Billing.Api.Tests.Webhooks;

/// <summary>A service with every door open, on a database of its own.</summary>
public sealed class DoorsApp : IAsyncLifetime
{
    private static int _count;

    public BillingApp App { get; private set; } = null!;

    /// <summary>Waits until no grain of real time has anything under way. The index is written with each state, so it cannot miss one.</summary>
    public static Task QuietAsync(BillingApp app) => Eventually.UntilAsync(() => app.Index.PendingAsync(Instant.MaxValue, 1, default), pending => pending.Count == 0);

    /// <summary>A policy under which an unpaid invoice closes the gate at once.</summary>
    public static async Task PutPolicyAsync(BillingApp app) => (await app.PutAsync(
        "/v1/policies/hooked",
        """{"id": "hooked", "description": "One unpaid invoice is enough.", "standings": [{"name": "overdue", "when": {"unpaid_invoices": 1}, "deny": ["purchase"], "code": "overdue", "message": "Pay first."}]}""")).Succeeded();

    public async Task InitializeAsync()
    {
        if (PostgresCluster.Missing is not null && !PostgresCluster.IsRequired) return;
        App = await BillingApp.OnAsync($"api_doors_{Interlocked.Increment(ref _count)}", [.. Gateways.Settings, "--Billing:Delivery:TrimAfter=00:00:00"]);
        await PutPolicyAsync(App);
    }

    public async Task DisposeAsync()
    {
        if (App is not null) await App.DisposeAsync();
    }
}
