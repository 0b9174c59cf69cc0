using Billing.Grains.Gateways;
using Billing.Testing;
using NodaTime;

namespace Billing.Gateways.Tests.Lines;

/// <summary>The line before a gateway: its limits, its order, its bounded memory, and a whole portfolio at one instant.</summary>
public sealed class GatewayLineTests
{
    private readonly ManualTime _time = new();

    private Instant Now => Instant.FromDateTimeOffset(_time.GetUtcNow());

    [Fact]
    public async Task InFlight_NeverMoreThanTheLimit()
    {
        var line = new GatewayLine(new GatewayLimits { MaxInFlight = 2 }, _time);
        var (first, second, third) = (Enter(line), Enter(line), Enter(line));

        Assert.True(first.IsCompletedSuccessfully && second.IsCompletedSuccessfully && !third.IsCompleted);
        (await first).Dispose();
        Assert.True((await third).HasCome);
        Assert.Equal(2, line.InFlight);
    }

    [Fact]
    public async Task Disposed_Twice_CountsOnce()
    {
        var line = new GatewayLine(new GatewayLimits { MaxInFlight = 1 }, _time);
        var turn = await Enter(line);

        turn.Dispose();
        turn.Dispose();

        Assert.Equal(0, line.InFlight);
    }

    [Fact]
    public void PerSecond_NeverMoreThanTheLimitInAnySecond()
    {
        var line = new GatewayLine(new GatewayLimits { MaxPerSecond = 3 }, _time);
        var turns = Enumerable.Range(0, 7).Select(_ => Enter(line)).ToArray();

        Assert.Equal(3, Come(turns));
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(3, Come(turns));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(6, Come(turns));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(7, Come(turns));
    }

    [Fact]
    public async Task Slowed_NothingBeginsBefore_AndNobodyIsLost()
    {
        var line = new GatewayLine(new GatewayLimits { MaxPerSecond = 100 }, _time);
        line.SlowFor(Duration.FromSeconds(7));
        var turn = Enter(line);

        _time.Advance(TimeSpan.FromMilliseconds(6_999));
        Assert.False(turn.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True((await turn).HasCome);
    }

    [Fact]
    public async Task SlowedForLongerThanAnAttemptMayWait_IsToldWhenToComeAgain()
    {
        var line = new GatewayLine(new GatewayLimits { MaxPerSecond = 100 }, _time);
        line.SlowFor(Duration.FromMinutes(5));

        var turn = await Enter(line);

        Assert.False(turn.HasCome);
        Assert.True(turn.At >= Now + Duration.FromMinutes(5));
    }

    [Fact]
    public async Task Order_WhatGoesOnFirst_ThenWhoCameFirst()
    {
        var line = new GatewayLine(new GatewayLimits { MaxPerSecond = 1 }, _time);
        _ = Enter(line);
        var (late, early, confirm) = (Enter(line), Enter(line, since: Now - Duration.FromMinutes(1)), Enter(line, Lane.GoOn));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((false, false, true), (late.IsCompleted, early.IsCompleted, confirm.IsCompleted));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((false, true), (late.IsCompleted, early.IsCompleted));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await late).HasCome);
    }

    [Fact]
    public async Task TooLate_IsNeverSent()
    {
        var line = new GatewayLine(new GatewayLimits(), _time);

        Assert.False((await line.EnterAsync(Lane.Begin, Now, Now - Duration.FromMilliseconds(1))).HasCome);
    }

    [Theory]
    [InlineData(50, 32, 5_000)]
    [InlineData(10, 4, 1_000)]
    public async Task Portfolio_AtOneInstant_AllAreSentOnce_InBounds_InOrder(int perSecond, int inFlight, int payments)
    {
        var line = new GatewayLine(new GatewayLimits { MaxPerSecond = perSecond, MaxInFlight = inFlight }, _time);
        var midnight = Now;
        var sent = new List<Instant>();
        var (mostWaiting, mostInFlight, asked) = (0, 0, 0);
        var comes = new PriorityQueue<int, Instant>(Enumerable.Range(0, payments).Select(i => (i, midnight)));
        var waiting = new Dictionary<int, Task<GatewayLine.Turn>>();
        var leaves = new PriorityQueue<GatewayLine.Turn, Instant>();
        while (sent.Count < payments)
        {
            Assert.True(Now - midnight < Duration.FromHours(2), $"After {Now - midnight} only {sent.Count} of {payments} were sent.");
            while (leaves.TryPeek(out _, out var end) && end <= Now) leaves.Dequeue().Dispose();
            while (comes.TryPeek(out _, out var at) && at <= Now)
            {
                asked++;
                var payment = comes.Dequeue();
                waiting[payment] = line.EnterAsync(Lane.Begin, midnight, Now + PaymentSchedule.SendWithin);
            }

            mostWaiting = Math.Max(mostWaiting, line.Waiting);
            mostInFlight = Math.Max(mostInFlight, line.InFlight);
            foreach (var (payment, task) in waiting.Where(item => item.Value.IsCompleted).ToArray())
            {
                waiting.Remove(payment);
                var turn = await task;
                if (!turn.HasCome)
                {
                    comes.Enqueue(payment, turn.At);
                    continue;
                }

                sent.Add(Now);
                leaves.Enqueue(turn, Now + Duration.FromMilliseconds(200));
            }

            _time.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.True(mostInFlight <= inFlight);
        Assert.True(mostWaiting <= line.Capacity, $"{mostWaiting} waited in memory.");
        var perAnySecond = sent.Select((at, i) => sent.Skip(i).TakeWhile(other => other < at + Duration.FromMilliseconds(950)).Count()).Max();
        Assert.True(perAnySecond <= perSecond, $"{perAnySecond} in a second.");
        // Nobody asks again and again for nothing, and the gateway is used.
        Assert.True(asked < payments * 4, $"{asked} times asked for {payments} payments.");
        Assert.True(Now - midnight <= Duration.FromSeconds(1.5 * payments / Math.Min(perSecond, inFlight * 5) + 60), $"It took {Now - midnight}.");
    }

    private Task<GatewayLine.Turn> Enter(GatewayLine line, Lane lane = Lane.Begin, Instant? since = null) => line.EnterAsync(lane, since ?? Now, Now + PaymentSchedule.SendWithin);

    private static int Come(Task<GatewayLine.Turn>[] turns) => turns.Count(turn => turn.IsCompletedSuccessfully);
}
