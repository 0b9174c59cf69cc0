using NodaTime;

namespace Billing.Domain.Tests.Foresight;

/// <summary>The next step that account and gate show, beside the forecast.</summary>
internal static class Agreement
{
    /// <summary>
    /// The next step leaves renewals out: it answers for what is owed now. So the forecast's first step for the worse is the
    /// same, unless a renewal comes before it.
    /// </summary>
    public static void Assert(World world)
    {
        var next = world.View().Next;
        var forecast = Forecast.Of(world.Account(), world.Policies, world.Now)!;
        var step = forecast.Entries.FirstOrDefault(entry => entry is { Kind: "standing.changed", Rule: not null });
        var until = next?.At ?? step?.At ?? forecast.Until;
        if (next?.At > forecast.Until || world.Account().Charges.Length > 0 || world.Account().Subscriptions.Any(item => (item.NextBillingAt ?? item.StartsAt) <= until)) return;
        Xunit.Assert.Equal((next?.Name, next?.At), (step?.Standing, step?.At));
    }
}
