using Billing.Crash.Tests.Processes;
using Billing.Crash.Tests.Visits;
using Billing.Testing.Processes;
using Billing.Testing;

namespace Billing.Crash.Tests;

/// <summary>Each crash point once, in real processes under a mixed load. The long visit is this project run as a program.</summary>
public sealed class CrashPointTests
{
    private const int Accounts = 30;

    [PostgresTheory]
    [InlineData("before_write:250")]
    [InlineData("after_write:350")]
    [InlineData("before_reply:220")]
    [InlineData("mid_outbox:180")]
    [InlineData("before_gateway:15")]
    [InlineData("after_gateway:22")]
    [InlineData("mid_advance:4")]
    public async Task Crash_AtAPoint_LosesNothingAndChargesNothingTwice(string point)
    {
        await using var installation = await Installation.CreateAsync("crash_" + point[..point.IndexOf(':', StringComparison.Ordinal)]);
        var visit = await Visit.ToPointAsync(installation, "load", Accounts, point);
        Check(visit, installation);
        Assert.Equal([ServiceProcess.Killed], visit.Deaths);
    }

    [PostgresFact]
    public async Task Kills_AtRandomMoments_UnderAHundredPayments_LoseNothingAndChargeNothingTwice()
    {
        await using var installation = await Installation.CreateAsync("crash_random");
        var visit = await Visit.RandomAsync(installation, "load", accounts: 100, seed: 20260301, kills: 3);
        Check(visit, installation);
        Assert.True(visit.HasDied);
    }

    [PostgresFact]
    public async Task NoCrash_EndsExactlyWhereThePlansSay()
    {
        await using var installation = await Installation.CreateAsync("crash_none");
        var visit = await Visit.UndisturbedAsync(installation, "load", Accounts);
        Check(visit, installation);
        Assert.Empty(visit.Deaths);
    }

    private static void Check(Visit visit, Installation installation) =>
        Assert.True(visit.Verdict.All.Count == 0, $"{visit.What}:\n{string.Join('\n', visit.Verdict.All)}\n{installation.Output}");
}
