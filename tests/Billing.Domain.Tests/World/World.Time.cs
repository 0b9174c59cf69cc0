using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>Time. It moves from due instant to due instant, in the order of the house; or leaps, as when everybody slept.</summary>
internal sealed partial class World
{
    /// <summary>Who is still due after so many wake-ups at one instant will always be.</summary>
    private const int MostWakeUps = 100;

    /// <summary>Moves to an instant; on the way everything happens when it is due.</summary>
    public void AdvanceTo(Instant target)
    {
        Drain();
        while (NextDue() is { } due && due <= target)
        {
            Now = Instant.Max(due, Now);
            Happen();
        }

        Now = target;
    }

    /// <summary>Moves to an instant while nobody is woken: timers, reminders and sweepers are off.</summary>
    public void SleepUntil(Instant target) => Now = target;

    /// <summary>What is due now happens: outcomes, attempts, steps of standing; each sees what the one before wrote.</summary>
    public void Happen()
    {
        foreach (var (payment, report) in Gateway.Settle(Now)) Decide(GrainKeys.Payment(payment), report);
        Drain();
        foreach (var kind in Kinds) Happen(kind);
    }

    private Instant? NextDue() => Kinds.Select(kind => kind.NextDue(this)).Append(Gateway.NextSettlement()).Min();

    /// <summary>Wakes the oldest due grain of each account, waits until all is quiet, and looks again.</summary>
    private void Happen(IGrains kind)
    {
        var wakeUps = new Dictionary<string, int>(StringComparer.Ordinal);
        while (kind.DueBy(this, Now).ToArray() is { Length: > 0 } due)
        {
            foreach (var grains in due.GroupBy(grain => grain.Account, StringComparer.Ordinal))
            {
                var oldest = grains.MinBy(grain => grain.Order, StringComparer.Ordinal)!.Key;
                wakeUps[oldest] = wakeUps.GetValueOrDefault(oldest) + 1;
                Assert.True(wakeUps[oldest] <= MostWakeUps, $"{oldest} stays due at {Now}.");
                Decide(oldest, new Wake(kind.Pass));
                if (order?.Next(4) == 0) Decide(oldest, new Wake(kind.Pass));
            }

            Drain();
        }
    }
}
