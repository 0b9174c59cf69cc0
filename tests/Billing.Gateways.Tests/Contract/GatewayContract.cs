using NodaTime;

namespace Billing.Gateways.Tests.Contract;

/// <summary>What the house relies on, whatever the gateway: each one passes it.</summary>
public abstract class GatewayContract : IAsyncLifetime
{
    protected static readonly Currency Usd = Currency.Parse("USD");

    private int _keys;

    protected abstract IPaymentGateway Gateway { get; }

    protected abstract Instant Now { get; }

    /// <summary>Whether accounts of this gateway are test accounts.</summary>
    protected abstract bool IsTest { get; }

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    /// <summary>A token of which every charge ends so: <c>ok</c>, <c>decline:code</c>, <c>authentication_required</c>, <c>processing</c>.</summary>
    protected abstract Task<string> TokenAsync(string outcome);

    protected abstract Task AnswerChallengeAsync(string charge);

    [Fact]
    public async Task Charge_MovesItsMoney_Once()
    {
        var request = Request(await TokenAsync("ok"));

        var paid = await ChargeAsync(request);

        Assert.Equal((ChargeStatus.Succeeded, request.Amount), (paid.Status, paid.Amount!.Value));
        Assert.Equal(paid.Reference, (await ReadAsync(request, paid)).Reference);
        Assert.Equal(ChargeStatus.Succeeded, (await ReadAsync(request, paid)).Status);
        Assert.Equal(request.Amount.MinorUnits, await CapturedAsync());
    }

    [Fact]
    public async Task Create_TheSameKeyAgain_IsTheSameCharge()
    {
        var request = Request(await TokenAsync("ok"));

        var (first, second) = (await Gateway.CreateAsync(request, default), await Gateway.CreateAsync(request, default));

        Assert.Equal(first.Reference, second.Reference);
        Assert.Equal(first.Status, second.Status);
    }

    [Theory]
    [InlineData("insufficient_funds")]
    [InlineData("stolen_card")]
    public async Task Decline_SaysItsCode_AndMovesNothing(string code)
    {
        var request = Request(await TokenAsync("decline:" + code));

        var declined = await ChargeAsync(request);

        Assert.Equal((ChargeStatus.Declined, code), (declined.Status, declined.Code));
        Assert.Equal((ChargeStatus.Declined, code), ((await ReadAsync(request, declined)).Status, (await ReadAsync(request, declined)).Code));
        Assert.Equal(0, await CapturedAsync());
    }

    [Fact]
    public async Task Read_OfWhatNeverCame_FindsNothing()
    {
        var request = Request(await TokenAsync("ok"));

        Assert.Equal(ChargeStatus.NotFound, (await Gateway.ReadAsync(request, default)).Status);
        Assert.Equal(0, await CapturedAsync());
    }

    [Fact]
    public async Task Read_OfWhatWasNotConfirmed_IsTheFence()
    {
        var request = Request(await TokenAsync("ok"));
        var made = await Gateway.CreateAsync(request, default);
        if (made.Status != ChargeStatus.Created) return; // It moves the money when it makes the charge.

        Assert.Equal(ChargeStatus.NotFound, (await ReadAsync(request, made)).Status);
        Assert.NotEqual(ChargeStatus.Succeeded, (await Gateway.ConfirmAsync(request with { Reference = made.Reference }, default)).Status);
        Assert.Equal(ChargeStatus.NotFound, (await ReadAsync(request, made)).Status);
        Assert.Equal(0, await CapturedAsync());
    }

    [Fact]
    public async Task Challenge_OffSession_IsADecline_OfWhatTakesNoMoneyAnyMore()
    {
        var request = Request(await TokenAsync("authentication_required"));

        var answer = await ChargeAsync(request);

        Assert.Equal(ChargeStatus.AuthenticationRequired, answer.Status);
        Assert.Equal(ChargeStatus.AuthenticationRequired, (await ReadAsync(request, answer)).Status);
    }

    [Fact]
    public async Task Challenge_ByHand_WaitsForTheCustomer_WhoPays()
    {
        var request = Request(await TokenAsync("authentication_required"), byHand: true);
        var waiting = await ChargeAsync(request);
        Assert.Equal(ChargeStatus.AwaitingCustomer, waiting.Status);
        Assert.NotNull(waiting.Action!.RedirectUrl);

        await AnswerChallengeAsync(waiting.Reference!);

        Assert.Equal(ChargeStatus.Succeeded, (await ReadAsync(request, waiting)).Status);
        Assert.Equal(ChargeStatus.Succeeded, (await Gateway.CancelAsync(request with { Reference = waiting.Reference }, default)).Status);
    }

    [Fact]
    public async Task Cancel_OfAChallenge_IsConfirmed_AndSaidTwiceTheSame()
    {
        var request = Request(await TokenAsync("authentication_required"), byHand: true);
        var waiting = await ChargeAsync(request);
        var cancel = request with { Reference = waiting.Reference };

        Assert.Equal(ChargeStatus.Cancelled, (await Gateway.CancelAsync(cancel, default)).Status);
        Assert.Equal(ChargeStatus.Cancelled, (await Gateway.CancelAsync(cancel, default)).Status);
        Assert.Equal(0, await CapturedAsync());
    }

    [Fact]
    public async Task Cancel_OfMoneyThatMoves_CannotBe()
    {
        var request = Request(await TokenAsync("processing"));
        var moving = await ChargeAsync(request);

        Assert.Equal(ChargeStatus.Processing, moving.Status);
        Assert.Equal(ChargeStatus.Processing, (await Gateway.CancelAsync(request with { Reference = moving.Reference }, default)).Status);
    }

    [Fact]
    public async Task Refund_OnceForEachKey_AndNeverMoreThanWasCaptured()
    {
        var request = Request(await TokenAsync("ok"));
        var paid = await ChargeAsync(request);
        var refund = new RefundRequest("r1", paid.Reference!, request.Payment, request.Account, new Money(600, Usd), null, Now, IsTest, Now);

        var sent = await Gateway.RefundAsync(refund, default);

        Assert.Equal(ChargeStatus.Succeeded, sent.Status);
        Assert.Equal(sent.Reference, (await Gateway.RefundAsync(refund, default)).Reference);
        Assert.Equal(ChargeStatus.Declined, (await Gateway.RefundAsync(refund with { Key = "r2", Amount = request.Amount }, default)).Status);
    }

    [Fact]
    public async Task List_TellsWhatWasCapturedAndSentBack_InTheWordsOfAWebhook()
    {
        var request = Request(await TokenAsync("ok"));
        var paid = await ChargeAsync(request);
        await Gateway.RefundAsync(new RefundRequest("r1", paid.Reference!, request.Payment, request.Account, new Money(600, Usd), null, Now, IsTest, Now), default);

        var events = await ListAsync(Now - Duration.FromMinutes(1));

        var captured = Assert.Single(events, told => told.Fact == GatewayFact.Succeeded);
        Assert.Equal((paid.Reference, request.Payment, 1, request.Amount), (captured.Object, captured.Payment, captured.Ordinal, captured.Amount!.Value));
        var refunded = Assert.Single(events, told => told.Fact == GatewayFact.Refunded);
        Assert.Equal((paid.Reference, new Money(600, Usd)), (refunded.Object, refunded.Amount!.Value));
        Assert.Empty(await ListAsync(Now + Duration.FromDays(200)));
    }

    [Fact]
    public async Task List_IsWholeOverManyPages()
    {
        var token = await TokenAsync("ok");
        for (var i = 0; i < 210; i++) await ChargeAsync(Request(token));

        Assert.Equal(210, (await ListAsync(Now - Duration.FromMinutes(1))).Where(told => told.Fact == GatewayFact.Succeeded).Select(told => told.Object).Distinct(StringComparer.Ordinal).Count());
    }

    protected ChargeRequest Request(string token, bool byHand = false, long amount = 2000, string currency = "USD")
    {
        var payment = $"pay-{++_keys}";
        return new ChargeRequest(Ids.GatewayKey(payment, 1), payment, "acme", new Money(amount, Currency.Parse(currency)), token, MethodKind.Card, null, Now, byHand, IsTest, Now + Duration.FromHours(1));
    }

    /// <summary>Makes a charge, and confirms it where that is asked for, as a payment does.</summary>
    protected async Task<ChargeAnswer> ChargeAsync(ChargeRequest request)
    {
        var made = await Gateway.CreateAsync(request, default);
        return made.Status == ChargeStatus.Created ? await Gateway.ConfirmAsync(request with { Reference = made.Reference }, default) : made;
    }

    protected Task<ChargeAnswer> ReadAsync(ChargeRequest request, ChargeAnswer answer) => Gateway.ReadAsync(request with { Reference = answer.Reference }, default);

    protected async Task<List<GatewayEvent>> ListAsync(Instant since)
    {
        var (events, cursor) = (new List<GatewayEvent>(), (string?)null);
        do
        {
            var page = await Gateway.ListAsync(since, null, cursor, default);
            events.AddRange(page.Events);
            cursor = page.Next;
        }
        while (cursor is not null);
        return events;
    }

    /// <summary>What was captured of all charges, by the gateway's own books.</summary>
    private async Task<long> CapturedAsync() => (await ListAsync(Now - Duration.FromMinutes(1))).Where(told => told.Fact == GatewayFact.Succeeded).Sum(told => told.Amount!.Value.MinorUnits);
}
