using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>The world's gateway does what the sandbox does: what a ledger shows decides what scenarios mean.</summary>
public sealed class ScriptedGatewayTests
{
    private static readonly Instant Now = Days.Start;

    private readonly ScriptedGateway _gateway = new();

    [Theory]
    [InlineData("timeout", AttemptOutcome.Unknown)]
    [InlineData("error", AttemptOutcome.Error)]
    public void Submit_NothingDone_LeavesNoRow(string step, AttemptOutcome outcome)
    {
        Assert.Equal(outcome, Submit(step).Outcome);
        Assert.Empty(_gateway.Charges);
    }

    [Fact]
    public void Read_AnUnknownKey_ClosesIt()
    {
        Assert.Equal(AttemptOutcome.NotCaptured, _gateway.Read("p", 1).Outcome);
        Assert.Equal(AttemptOutcome.Error, Submit("ok").Outcome);
        Assert.Empty(_gateway.Charges);
    }

    [Fact]
    public void Submit_TheSameKeyAgain_IsOneCharge()
    {
        Submit("ok");
        Assert.Equal(AttemptOutcome.Succeeded, Submit("error").Outcome);
        Assert.Single(_gateway.Charges);
    }

    [Fact]
    public void Submit_ATokenWithoutAScript_IsOk() => Assert.Equal(AttemptOutcome.Succeeded, _gateway.Submit(Payment("card", byHand: false), 1, Now).Outcome);

    [Fact]
    public void Challenge_ByHand_WaitsForAnHourAndExpires()
    {
        var answer = Submit("authentication_required", byHand: true);
        Assert.Equal(AttemptOutcome.AwaitingCustomer, answer.Outcome);
        Assert.NotNull(answer.Action!.RedirectUrl);
        Assert.Equal(Now + Duration.FromHours(1), answer.Action.ExpiresAt);
        Assert.Equal("processing", Row.Status);

        Assert.Equal(answer.Action.ExpiresAt, _gateway.NextSettlement());
        var (_, report) = Assert.Single(_gateway.Settle(answer.Action.ExpiresAt!.Value).ToArray());
        Assert.Equal((AttemptOutcome.Declined, "expired"), (report.Outcome, report.Code));
        Assert.Equal("failed", Row.Status);
    }

    [Fact]
    public void Challenge_NotByHand_IsADecline()
    {
        var answer = Submit("authentication_required");
        Assert.Equal((AttemptOutcome.Declined, "authentication_required"), (answer.Outcome, answer.Code));
        Assert.Equal("failed", Row.Status);
    }

    [Fact]
    public void Coins_WithinTheWindow_SettleByThemselves()
    {
        Assert.NotNull(Submit("processing_ok:14m", kind: MethodKind.Crypto).Action!.Address);
        Assert.Equal(Now + Duration.FromMinutes(14), _gateway.NextSettlement());
        Assert.Equal(AttemptOutcome.Succeeded, Assert.Single(_gateway.Settle(Now + Duration.FromMinutes(14)).ToArray()).Report.Outcome);
    }

    [Fact]
    public void Coins_PastTheWindowOfThePayment_AreNotWaitedFor()
    {
        var expiresAt = Now + Duration.FromMinutes(10);
        Submit("processing_ok:14m", kind: MethodKind.Crypto, expiresAt: expiresAt);
        Assert.Equal("expired", Assert.Single(_gateway.Settle(expiresAt).ToArray()).Report.Code);
    }

    [Fact]
    public void Cancel_WaitingForTheCustomer_EndsIt()
    {
        Submit("authentication_required", byHand: true);
        var answer = _gateway.Cancel("p", 1, Now);
        Assert.Equal((AttemptOutcome.Cancelled, true), (answer.Outcome, answer.Asked));
        Assert.Equal("failed", Row.Status);
        Assert.Null(_gateway.NextSettlement());
        Assert.Equal(AttemptOutcome.Cancelled, _gateway.Read("p", 1).Outcome);
    }

    [Theory]
    [InlineData("ok", AttemptOutcome.Succeeded)]
    [InlineData("processing", AttemptOutcome.Processing)]
    [InlineData("decline:lost_card", AttemptOutcome.Cancelled)]
    [InlineData("timeout", AttemptOutcome.Cancelled)]
    public void Cancel_NotWaiting_SaysWhatBecameOfIt(string step, AttemptOutcome outcome)
    {
        Submit(step);
        Assert.Equal(outcome, _gateway.Cancel("p", 1, Now).Outcome);
    }

    [Fact]
    public void Refund_OnceForEachName_AndNeverMoreThanCaptured()
    {
        Submit("ok");
        _gateway.Refund("p", "r1", Some.Dollars(400));
        _gateway.Refund("p", "r1", Some.Dollars(400));
        Assert.Equal((600, "succeeded"), (Row.Left, Row.Status));
        Assert.Equal(AttemptOutcome.Declined, _gateway.Refund("p", "r2", Some.Dollars(601)).Outcome);
        Assert.Equal(AttemptOutcome.Succeeded, _gateway.Refund("p", "r3", Some.Dollars(600)).Outcome);
        Assert.Equal((0, "refunded"), (Row.Left, Row.Status));
    }

    [Fact]
    public void Dispute_Lost_TakesWhatIsLeft()
    {
        Submit("ok");
        _gateway.Refund("p", "r1", Some.Dollars(400));
        Assert.NotNull(_gateway.Dispute(Row, DisputeOutcome.Opened, Now));
        Assert.Equal("disputed", Row.Status);
        Assert.Equal(AttemptOutcome.Declined, _gateway.Refund("p", "r2", Some.Dollars(1)).Outcome);
        Assert.Equal(Some.Dollars(600), _gateway.Dispute(Row, DisputeOutcome.Lost, Now)!.Amount);
        Assert.Equal((0, "reversed"), (Row.Left, Row.Status));
        Assert.Null(_gateway.Dispute(Row, DisputeOutcome.Won, Now));
    }

    [Fact]
    public void Dispute_Won_IsAsBefore()
    {
        Submit("ok");
        _gateway.Dispute(Row, DisputeOutcome.Opened, Now);
        _gateway.Dispute(Row, DisputeOutcome.Won, Now);
        Assert.Equal((1000, "succeeded"), (Row.Left, Row.Status));
    }

    private Charge Row => Assert.Single(_gateway.Charges);

    private GatewayAnswered Submit(string step, bool byHand = false, MethodKind kind = MethodKind.Card, Instant? expiresAt = null)
    {
        _gateway.Script("t", step);
        return _gateway.Submit(Payment("t", byHand, kind) with { ExpiresAt = expiresAt }, 1, Now);
    }

    private static PaymentState Payment(string token, bool byHand, MethodKind kind = MethodKind.Card)
    {
        var candidate = new MethodCandidate(null, "sandbox", token, kind);
        return new PaymentState
        {
            Id = "p",
            Start = new StartPayment { Account = Some.Account, Amount = Some.Dollars(1000), Invoices = ["I1"], Candidates = [candidate], ByHand = byHand },
            Attempts = [new Attempt { Ordinal = 1, Candidate = candidate, SubmittedAt = Now }],
        };
    }
}
