using Billing.Embedded.Deterministic;

namespace Billing.Simulation.Deterministic;

/// <summary>Steps come in the seed's order, timers as steps, and what leaves the scheduler is found out.</summary>
public sealed class SchedulerTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Step_SameSeed_SameOrder()
    {
        Assert.Equal(Order(7), Order(7));
        Assert.NotEqual(Order(7), Order(8));
    }

    [Fact]
    public void Step_BroughtByAnotherThread_IsAnError()
    {
        var scheduler = new DeterministicScheduler(1);
        var other = new Thread(() => scheduler.Post("stray", () => { }));
        other.Start();
        other.Join();

        var escaped = Assert.Throws<EscapedException>(() => scheduler.Step());
        Assert.Contains("stray", escaped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RunUntilQuiet_WithoutRest_Ends()
    {
        var scheduler = new DeterministicScheduler(1);
        void Again() => scheduler.Post("again", Again);
        Again();

        Assert.Throws<InvalidOperationException>(() => scheduler.RunUntilQuiet(100));
    }

    [Fact]
    public void MoveToNext_StopsAtEachTimer()
    {
        var scheduler = new DeterministicScheduler(1);
        var time = new VirtualTime(scheduler, s_start);
        var fired = new List<DateTimeOffset>();
        using var late = time.CreateTimer(_ => fired.Add(time.GetUtcNow()), null, TimeSpan.FromHours(2), Timeout.InfiniteTimeSpan);
        using var early = time.CreateTimer(_ => fired.Add(time.GetUtcNow()), null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);
        while (time.MoveToNext(s_start.AddHours(3))) scheduler.RunUntilQuiet();

        Assert.Equal([s_start.AddHours(1), s_start.AddHours(2)], fired);
        Assert.Equal(s_start.AddHours(3), time.GetUtcNow());
    }

    [Fact]
    public void JumpTo_PastTimers_FiresThemLateAndOnce()
    {
        var scheduler = new DeterministicScheduler(1);
        var time = new VirtualTime(scheduler, s_start);
        var fired = 0;
        using var timer = time.CreateTimer(_ => fired++, null, TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        time.JumpTo(s_start.AddDays(1));
        scheduler.RunUntilQuiet();

        Assert.Equal(1, fired);
        Assert.Equal(s_start.AddDays(1).AddHours(1), time.NextAt);
    }

    [Fact]
    public void Timer_ChangedOrDisposedBeforeItsStep_DoesNotFire()
    {
        var scheduler = new DeterministicScheduler(1);
        var time = new VirtualTime(scheduler, s_start);
        var fired = 0;
        var disposed = time.CreateTimer(_ => fired++, null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);
        using var changed = time.CreateTimer(_ => fired++, null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);
        time.JumpTo(s_start.AddHours(1));
        disposed.Dispose();
        changed.Change(TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);
        scheduler.RunUntilQuiet();

        Assert.Equal(0, fired);
        Assert.Equal(s_start.AddHours(2), time.NextAt);
    }

    private static List<int> Order(int seed)
    {
        var scheduler = new DeterministicScheduler(seed);
        var order = new List<int>();
        for (var i = 0; i < 20; i++)
        {
            var n = i;
            scheduler.Post("step", () => order.Add(n));
        }

        scheduler.RunUntilQuiet();
        return order;
    }
}
