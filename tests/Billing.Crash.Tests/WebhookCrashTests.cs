using Billing.Crash.Tests.Processes;
using Billing.Crash.Tests.Webhooks;
using Billing.Testing;

namespace Billing.Crash.Tests;

/// <summary>The short visit of the doors of webhooks. The long one is this project run as a program with <c>webhooks</c>.</summary>
public sealed class WebhookCrashTests
{
    [PostgresFact]
    public async Task Webhooks_InNoOrderAndSeveralTimes_WhileTheProcessIsKilled_AreRecordedOnce_AndEveryEventGoesOutInOrder()
    {
        await using var installation = await Installation.CreateAsync("crash_webhooks", WebhookVisit.Settings);
        var visit = await WebhookVisit.MakeAsync(installation, webhooks: 150, accounts: 10, kills: 2, seed: 20260301);

        Assert.True(visit.Wrong.Count == 0, $"{string.Join('\n', visit.Wrong)}\n{installation.Output}");
        Assert.True(visit.Sent > 150);
        Assert.True(visit.Events > 150);
        // A third of the time, within what chance does to so many.
        Assert.InRange((double)visit.Failed / visit.Deliveries, 0.25, 0.45);
    }
}
