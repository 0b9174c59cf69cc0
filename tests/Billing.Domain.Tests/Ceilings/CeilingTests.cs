using System.Globalization;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>At a card network's ceiling a rung passes the method over, and by hand it is not usable until the window moves.</summary>
public sealed class CeilingTests
{
    private const string Card = "fp_1";

    private static readonly string Ladder = """{"collection": {"retry_after": ["1d", "2d", "3d"]}, "standings": []}""";

    [Theory]
    [InlineData(18, 2, "failed")]
    [InlineData(19, 1, "skipped")]
    [InlineData(20, 1, "skipped")]
    public void Rung_TheCardsNetworkCounts_PassesItOverAtTheCeiling(int before, int submissions, string result)
    {
        // The first charge is not asked about, and its decline counts: 19, 20 and 21 before the first reattempt.
        var world = Begin(Ladder, before).Issue("I1", 100);

        world.Go("1d");

        Assert.Equal(submissions, world.Gateway.Submissions);
        Assert.Equal(["failed", result], Results(world));
        Assert.Equal(result == "skipped" ? 1 : 2, world.Invoice("I1").Attempts.Length);
        Assert.Null(world.Account().Invoices[0].ReservedBy);
    }

    [Fact]
    public void Rung_AtTheCeiling_GoesOnWithTheNextMethod()
    {
        var world = Begin("""{"collection": {"retry_after": ["1d"], "retry_methods": "default_then_others"}, "standings": []}""", 19);
        world.Accept(PutCard(world, "other", "fp_2", network: null, "ok"));
        world.Issue("I1", 100);

        world.Go("1d");

        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
        Assert.Equal([("card", 1), ("other", 1)], world.Payments.Select(payment => (payment.Newest!.Candidate.Method!, payment.Attempts.Length)));
    }

    [Fact]
    public void Rung_TheLastMethodIsPassedOver_FailedWhenItsSubmissionEnded()
    {
        var world = Begin("""{"collection": {"methods": "default_then_others"}, "standings": []}""", 20);
        world.Accept(PutCard(world, "same", Card, network: null, "ok"));

        world.Issue("I1", 100);

        // The same card under another name: after its decline in this very rung it is asked.
        var payment = world.Payment("I1~0");
        Assert.Equal((PaymentStatus.Failed, Days.Start, 1), (payment.Status, payment.EndedAt, payment.Attempts.Length));
        Assert.Equal(["failed"], Results(world));
        Assert.Equal(Days.Start, world.Account().Invoices[0].Rung0EndedAt);
    }

    [Fact]
    public void Rung_TheWindowHasMoved_IsSubmittedAgain()
    {
        var world = Begin("""{"collection": {"retry_after": ["1d", "29d", "30d"]}, "standings": []}""", 19, script: ["decline:x", "ok"]).Issue("I1", 100);

        world.Go("29d");
        Assert.Equal(["failed", "skipped", "skipped"], Results(world));
        world.Go("30d");

        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
    }

    [Fact]
    public void FirstCharge_AtTheCeiling_IsNotAskedAndCostsNothing()
    {
        var world = Begin(Ladder, 40, script: ["ok"]).Issue("I1", 100);

        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
    }

    [Theory]
    [InlineData("visa", 10, true)]
    [InlineData("mastercard", 9, false)]
    [InlineData("mastercard", 8, true)]
    [InlineData(null, 9, false)]
    [InlineData(null, 8, true)]
    public void ByHand_ManyDeclinesInAnHour_MeetsTheNetworksCeilingAndTheUnknownTheStrictest(string? network, int before, bool isSubmitted)
    {
        var world = Begin(Ladder, before, network).Issue("I1", 100);

        world.Pay("card", "I1");

        Assert.Equal(isSubmitted ? 2 : 1, world.Gateway.Submissions);
    }

    [Fact]
    public void ByHand_AtTheCeiling_NothingIsReservedAndTheSameKeyMayTryAgain()
    {
        var world = Begin(Ladder, 19, script: ["decline:x", "ok"]).Issue("I1", 100);
        var pay = new Pay { Payment = "pay_1", Key = Some.Key("k", "content"), Invoices = ["I1"], Method = "card" };

        world.Accept(world.TellAccount(pay));
        var refused = world.Payment("pay_1");

        Assert.True(refused.FailedAtCeiling);
        Assert.Equal(Days.At("30d"), refused.FreeAt);
        Assert.Null(world.Account().Invoices[0].ReservedBy);
        Assert.Empty(world.Account().Payments);
        Assert.Empty(world.Account().Idempotency);
        Assert.Contains(world.Events, e => e.Type == "payment.failed" && e.Data["code"]!.GetValue<string>() == Problems.MethodNotUsable);

        world.SleepUntil(Days.At("30d-1ms"));
        world.Accept(world.TellAccount(pay));
        Assert.True(world.Payment("pay_1").FailedAtCeiling);
        world.SleepUntil(Days.At("30d"));
        world.Accept(world.TellAccount(pay));

        Assert.Equal((PaymentStatus.Succeeded, (Instant?)null), (world.Payment("pay_1").Status, world.Payment("pay_1").FreeAt));
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
    }

    [Fact]
    public void TwoAccounts_TheSameCard_AreCountedTogether()
    {
        var world = Begin(Ladder, 18);
        world.Issue("I1", 100);
        Assert.Equal(19, world.Card(Key(isTest: false)).Declines.Length);
        // Another account's decline is the twentieth.
        world.Tell(Key(isTest: false), new AttemptDeclined("elsewhere~0", 1, world.Now, null));

        world.Go("1d");

        Assert.Equal(["failed", "skipped"], Results(world));
    }

    [Fact]
    public void TestAccounts_TheSameCard_AreCountedApart()
    {
        var world = Begin(Ladder, 18, clock: Some.Clock);
        for (var i = 0; i < 40; i++) world.Tell(Key(isTest: false), new AttemptDeclined(Name(i), 2, world.Now, null));
        for (var i = 0; i < 40; i++) world.Tell(GrainKeys.Card(Card, isTest: true, "another clock"), new AttemptDeclined(Name(i), 2, world.Now, null));
        world.Issue("I1", 100);

        world.Go("1d");

        Assert.Equal(["failed", "failed"], Results(world));
    }

    [Fact]
    public void Asking_TheInvoiceStaysReserved_AndMoneyReceivedMeanwhileEndsIt()
    {
        var world = Begin(Ladder, 3).Issue("I1", 100);
        world.Begin(GrainKeys.Account(Some.Account), new Pay { Payment = "pay_1", Key = Some.Key("k"), Invoices = ["I1"], Method = "card" });
        Assert.Equal("pay_1", world.Account().Invoices[0].ReservedBy);

        // The question is on its way while the debt is paid by other money.
        var start = PaymentRules.Decide(new PaymentState(), StartOf(world), world.Now, "pay_1").State;
        Assert.Equal((PaymentStatus.Submitting, 0), (start.Status, start.Attempts.Length));
        var stopped = PaymentRules.Decide(start, new StopPayment(), world.Now, "pay_1").State;
        var ended = PaymentRules.Decide(stopped, new CeilingAnswered(1, Card, Allowed: true, null), world.Now, "pay_1");

        Assert.Equal(PaymentStatus.Cancelled, ended.State.Status);
        Assert.DoesNotContain(ended.Messages, outgoing => outgoing.To == Outgoing.Gateway);
    }

    [Fact]
    public void Asking_AutoPayGoesOffMeanwhile_NothingMoreIsSubmitted()
    {
        var start = StartOf(Begin(Ladder, 0).Issue("I1", 100)) with { IsRung = true, ByHand = false };
        var asking = PaymentRules.Decide(PaymentRules.Decide(new PaymentState(), start, Days.Start, "p").State, new PausePayment(true), Days.Start, "p").State;

        var paused = PaymentRules.Decide(asking, new CeilingAnswered(1, Card, Allowed: true, null), Days.Start, "p");

        Assert.Equal(PaymentStatus.Created, paused.State.Status);
        Assert.Equal(PaymentStatus.Created, Assert.IsType<PaymentReported>(Assert.Single(paused.Messages).Message).Status);
    }

    [Fact]
    public void Answer_ThatComesTwice_SubmitsOnce()
    {
        var asking = PaymentRules.Decide(new PaymentState(), StartOf(Begin(Ladder, 0).Issue("I1", 100)), Days.Start, "p").State;
        var answer = new CeilingAnswered(1, Card, Allowed: true, null);

        var submitted = PaymentRules.Decide(asking, answer, Days.Start, "p").State;
        var again = PaymentRules.Decide(submitted, answer, Days.Start, "p");

        Assert.Single(submitted.Attempts);
        Assert.Empty(again.Messages);
    }

    private static StartPayment StartOf(World world) => new()
    {
        Account = Some.Account,
        Amount = Some.Dollars(100),
        Invoices = ["I1"],
        Candidates = [world.Account().Methods[0].AsCandidate()],
        ByHand = true,
        IsReattempt = true,
    };

    /// <summary>An account in real time whose card was declined so often before, elsewhere, within the hour.</summary>
    private static World Begin(string policy, int before, string? network = "visa", string[]? script = null, string? clock = null)
    {
        var world = World.With(policy, clock: clock);
        world.Accept(PutCard(world, "card", Card, network, script ?? ["decline:x"]));
        for (var i = 0; i < before; i++) world.Tell(Key(clock is not null), new AttemptDeclined(Name(i), 1, world.Now, clock));
        return world;
    }

    private static Reply PutCard(World world, string id, string fingerprint, string? network, params string[] script)
    {
        var put = Some.Method(id);
        world.Gateway.Script(put.Method.Token, script);
        return world.TellAccount(put with { Method = put.Method with { Fingerprint = fingerprint, Network = network } });
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"before-{i}");

    private static string Key(bool isTest) => GrainKeys.Card(Card, isTest, isTest ? Some.Clock : null);

    private static string[] Results(World world) => [.. world.Invoice("I1").Ladder.Select(rung => rung.Result.ToString().ToLowerInvariant())];
}
