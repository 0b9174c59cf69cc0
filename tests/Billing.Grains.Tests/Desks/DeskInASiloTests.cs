#if ORLEANS
using Billing.Domain;
using Billing.Grains.Accounts;
using Billing.Grains.Interfaces;
using Billing.Grains.Tests.EndToEnd;
using Billing.Silo.Desks;
using Billing.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Orleans.Core.Internal;

namespace Billing.Grains.Tests.Desks;

/// <summary>A silo's desk answers as the accounts that live there would, and for no other.</summary>
public sealed class DeskInASiloTests(BillingFixture billing) : IClassFixture<BillingFixture>
{
    [PostgresFact]
    public async Task Desk_AnswersAsTheAccountDoes_AndLeavesOthersToTheirGrains()
    {
        await billing.PutAccountAsync("at-the-desk");
        var call = new GateCall(new GateQuestion("purchase"), SystemClock.Instance.GetCurrentInstant());
        var answered = await billing.Grains.Account("at-the-desk").Check(call);
        Assert.Equal(billing.Service<LocalAccounts>().Silo, answered.Silo);

        var answers = await Desk(answered.Silo!).Check(
        [
            DeskQuestion.Of("at-the-desk", call), DeskQuestion.Of("nobody", call), DeskQuestion.Of("at-the-desk", call with { MinVersion = answered.Answer!.StandingVersion + 1 }),
        ]);

        Assert.Equivalent(answered.Answer, answers[0]!.Read());
        Assert.Null(answers[1]);
        Assert.Null(answers[2]);
    }

    [PostgresFact]
    public async Task DeskOfASiloThatIsNotThere_IsNowhereElse() =>
        await Assert.ThrowsAnyAsync<OrleansException>(() => Desk("127.0.0.1:1@1").Check([]));

    [PostgresFact]
    public async Task Account_IsAskedAtTheDeskThatItsGrainNamed_AndAtItsGrainAgainOnceItHasLeft()
    {
        await billing.PutAccountAsync("leaves");
        // As an API without accounts of its own asks.
        var gates = new GateDesks(billing.Grains, new LocalAccounts(), TimeProvider.System, NullLogger<GateDesks>.Instance);
        var call = new GateCall(new GateQuestion("purchase"), SystemClock.Instance.GetCurrentInstant());
        var silo = billing.Service<LocalAccounts>().Silo;

        var first = await gates.CheckAsync("leaves", call);
        var second = await gates.CheckAsync("leaves", call);
        Assert.Equivalent(first.Answer, second.Answer);
        // Only a grain says where it lives.
        Assert.Equal((silo, null), (first.Silo, second.Silo));

        await billing.Grains.Account("leaves").AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        await Eventually.UntilAsync(() => billing.Service<LocalAccounts>().Check("leaves", call), result => result is null);
        var third = await gates.CheckAsync("leaves", call);
        Assert.Equal(silo, third.Silo);
        Assert.Equivalent(first.Answer, third.Answer);
    }

    private IGateDeskGrain Desk(string silo) => billing.Grains.GetGrain<IGateDeskGrain>(silo);
}
#endif
