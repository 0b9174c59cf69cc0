using Billing.Gateways.Tests.Contract;
using Billing.Stripe;
using Billing.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace Billing.Gateways.Tests.Stripe;

/// <summary>Stripe against a double that has its documented answers and vices, over HTTP.</summary>
public sealed class StripeTests : GatewayContract
{
    private const string Secret = "sk_live_a_key_that_nobody_may_see";

    private readonly ManualTime _time = new();
    private StripeDouble _stripe = null!;
    private ServiceProvider _services = null!;

    protected override IPaymentGateway Gateway => _services.GetRequiredService<StripeGateway>();

    protected override Instant Now => Instant.FromDateTimeOffset(_time.GetUtcNow());

    protected override bool IsTest => false;

    public override async Task InitializeAsync()
    {
        _stripe = new StripeDouble(_time);
        await _stripe.StartAsync();
        _services = new ServiceCollection().AddSingleton<TimeProvider>(_time)
            .AddStripeGateway(new StripeOptions { ApiKey = Secret, BaseUrl = _stripe.Url, ReturnUrl = new Uri("https://shop.test/back") }).BuildServiceProvider();
    }

    public override async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _stripe.DisposeAsync();
    }

    protected override Task<string> TokenAsync(string outcome) => Task.FromResult(outcome switch
    {
        "ok" => "pm_ok",
        "authentication_required" => "pm_challenge",
        "processing" => "pm_slow",
        _ => "pm_decline_" + outcome["decline:".Length..],
    });

    protected override Task AnswerChallengeAsync(string charge)
    {
        _stripe.Answer(charge);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Requests_CarryVersionKeyAndOurNames()
    {
        var request = Request("pm_ok");
        await ChargeAsync(request);

        var made = Assert.Single(_stripe.Requests, seen => seen.Path == "/v1/payment_intents");
        Assert.Equal((request.Key + "/create", StripeClient.Version, "Bearer " + Secret), (made.Key, made.Version, made.Authorization));
        Assert.Equal(
            ("2000", "usd", "false", request.Payment, "1", "acme", "cus_1"),
            (made.Form["amount"], made.Form["currency"], made.Form["confirm"], made.Form["metadata[billing_payment]"], made.Form["metadata[billing_attempt]"], made.Form["metadata[billing_account]"], made.Form["customer"]));
        var confirmed = Assert.Single(_stripe.Requests, seen => seen.Path.EndsWith("/confirm", StringComparison.Ordinal));
        Assert.Equal((request.Key + "/confirm", "true"), (confirmed.Key, confirmed.Form["off_session"]));
    }

    [Theory]
    [InlineData(nameof(Vice.TooMany))]
    [InlineData(nameof(Vice.Fails))]
    [InlineData(nameof(Vice.FailsAfter))]
    [InlineData(nameof(Vice.InUse))]
    [InlineData(nameof(Vice.Breaks))]
    [InlineData(nameof(Vice.BreaksAfter))]
    [InlineData(nameof(Vice.OtherMode))]
    public async Task Create_WhateverGoesWrong_IsAnErrorAndMovesNothing(string vice)
    {
        _stripe.Next("/payment_intents", Enum.Parse<Vice>(vice));

        var answer = await ChargeAsync(Request("pm_ok"));

        Assert.Equal(ChargeStatus.Error, answer.Status);
        Assert.Equal(vice == nameof(Vice.TooMany) ? Duration.FromSeconds(7) : null, answer.RetryAfter);
        Assert.Empty(_stripe.Charges);
    }

    [Theory]
    [InlineData(nameof(Vice.TooMany))]
    [InlineData(nameof(Vice.Fails))]
    [InlineData(nameof(Vice.Breaks))]
    public async Task Method_OfWhichStripeWasNotHeard_IsNoDecline_AndIsAskedForAgain(string vice)
    {
        _stripe.Next("/payment_methods/pm_ok", Enum.Parse<Vice>(vice));

        var answer = await ChargeAsync(Request("pm_ok"));

        Assert.Equal((ChargeStatus.Error, vice == nameof(Vice.TooMany) ? Duration.FromSeconds(7) : (Duration?)null), (answer.Status, answer.RetryAfter));
        Assert.Empty(_stripe.Intents);
        Assert.Equal(ChargeStatus.Succeeded, (await ChargeAsync(Request("pm_ok"))).Status);
    }

    [Theory]
    [InlineData(nameof(Vice.Fails), ChargeStatus.NotFound)]
    [InlineData(nameof(Vice.Breaks), ChargeStatus.NotFound)]
    [InlineData(nameof(Vice.InUse), ChargeStatus.NotFound)]
    [InlineData(nameof(Vice.FailsAfter), ChargeStatus.Succeeded)]
    [InlineData(nameof(Vice.BreaksAfter), ChargeStatus.Succeeded)]
    [InlineData(nameof(Vice.OtherMode), ChargeStatus.Succeeded)]
    public async Task Confirm_WithoutAnAnswer_IsUnknown_AndIsReadAndNotConfirmedAgain(string vice, ChargeStatus found)
    {
        var request = Request("pm_ok");
        _stripe.Next("/confirm", Enum.Parse<Vice>(vice));

        var lost = await ChargeAsync(request);
        Assert.Equal(ChargeStatus.Unknown, lost.Status);

        Assert.Equal(found, (await ReadAsync(request, lost)).Status);
        Assert.Equal(found, (await ReadAsync(request, lost)).Status);
        Assert.Single(_stripe.Requests, seen => seen.Path.EndsWith("/confirm", StringComparison.Ordinal));
        Assert.Equal(found == ChargeStatus.Succeeded ? 1 : 0, _stripe.Charges.Count);
    }

    [Fact]
    public async Task Confirm_TooMany_WasNotDone()
    {
        _stripe.Next("/confirm", Vice.TooMany);

        var answer = await ChargeAsync(Request("pm_ok"));

        Assert.Equal((ChargeStatus.Error, Duration.FromSeconds(7)), (answer.Status, answer.RetryAfter));
        Assert.Empty(_stripe.Charges);
    }

    [Fact]
    public async Task NotThere_IsNoDecline()
    {
        await _stripe.DisposeAsync();

        Assert.Equal(ChargeStatus.Error, (await Gateway.CreateAsync(Request("pm_ok"), default)).Status);
    }

    [Fact]
    public async Task Challenge_OffSession_WhoseCancelIsLost_IsUnknownUntilItIsCancelled()
    {
        var request = Request("pm_challenge");
        _stripe.Next("/cancel", Vice.Fails);

        var lost = await ChargeAsync(request);
        Assert.Equal(ChargeStatus.Unknown, lost.Status);

        Assert.Equal(ChargeStatus.AuthenticationRequired, (await ReadAsync(request, lost)).Status);
        Assert.Equal("canceled", _stripe.Intents[lost.Reference!]["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Advice_NotToTryAgain_GoesBeforeTheReason()
    {
        var declined = await ChargeAsync(Request("pm_advised"));

        Assert.Equal((ChargeStatus.Declined, DeclineCodes.DoNotTryAgain), (declined.Status, declined.Code));
        Assert.True(DeclineCodes.IsHard(declined.Code));
    }

    [Fact]
    public async Task Method_ThatIsGone_EndsForGood()
    {
        var declined = await ChargeAsync(Request("pm_gone"));

        Assert.Equal((ChargeStatus.Declined, "invalid_account"), (declined.Status, declined.Code));
    }

    [Fact]
    public async Task Refund_WhoseAnswerIsLost_IsLookedForBeforeItIsSentAgain()
    {
        var (request, refund) = await PaidAsync();
        _stripe.Next("/refunds", Vice.FailsAfter);
        Assert.Equal(ChargeStatus.Unknown, (await Gateway.RefundAsync(refund, default)).Status);

        // The key would replay the stored error for a day.
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(ChargeStatus.Succeeded, (await Gateway.RefundAsync(refund with { At = Now }, default)).Status);
        Assert.Single(_stripe.Refunds);
        Assert.Equal("pay-1", request.Payment);
    }

    [Theory]
    [InlineData(1001, ChargeStatus.Declined)]
    [InlineData(1000, ChargeStatus.Succeeded)]
    public async Task Refund_OfAnAmountThatStripeCannotSay_IsNotRounded(long amount, ChargeStatus status)
    {
        var (_, refund) = await PaidAsync(new Money(5120, Currency.Parse("KWD")));

        Assert.Equal(status, (await Gateway.RefundAsync(refund with { Amount = new Money(amount, Currency.Parse("KWD")) }, default)).Status);
        Assert.Equal(status == ChargeStatus.Succeeded ? 1 : 0, _stripe.Refunds.Count);
    }

    [Fact]
    public async Task Refund_AfterTheKeysLife_IsNeverSentAgain_WhateverTheListDoesNotShowYet()
    {
        var (_, refund) = await PaidAsync();
        _stripe.Next("/refunds", Vice.BreaksAfter);
        Assert.Equal(ChargeStatus.Unknown, (await Gateway.RefundAsync(refund, default)).Status);
        _stripe.ListLag = TimeSpan.FromDays(3);

        _time.Advance(TimeSpan.FromHours(25));

        Assert.Equal((ChargeStatus.Unknown, "key_expired"), ((await Gateway.RefundAsync(refund with { At = Now }, default)).Status, (await Gateway.RefundAsync(refund with { At = Now }, default)).Code));
        Assert.Single(_stripe.Refunds);
    }

    [Fact]
    public async Task List_Lags_AndShowsItLater()
    {
        var since = Now;
        _stripe.ListLag = TimeSpan.FromMinutes(20);
        await ChargeAsync(Request("pm_ok"));
        Assert.Empty(await ListAsync(since));

        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.Single(await ListAsync(since));
    }

    [Fact]
    public async Task List_TellsDisputesAndRefundsThatWereMadeOnStripesPages()
    {
        var paid = await ChargeAsync(Request("pm_ok"));
        _stripe.RefundByHand(paid.Reference!, 500);
        _stripe.Dispute(paid.Reference!, "needs_response");
        _stripe.Dispute(paid.Reference!, "warning_needs_response");
        _time.Advance(TimeSpan.FromDays(30));
        _stripe.Disputes[0]["status"] = "lost";

        var told = await ListAsync(Now - Duration.FromMinutes(15));

        var lost = Assert.Single(told);
        Assert.Equal((GatewayFact.DisputeLost, paid.Reference, new Money(2000, Usd)), (lost.Fact, lost.Object, lost.Amount!.Value));
        Assert.Null((await ListAsync(Now - Duration.FromDays(31))).Single(item => item.Fact == GatewayFact.Refunded).Payment);
    }

    [Theory]
    [InlineData(14)]
    [InlineData(21)]
    public async Task List_TellsABankDebitThatSettledDaysAfterItWasMade(int days)
    {
        var pending = await ChargeAsync(Request("pm_slow"));
        await ChargeAsync(Request("pm_ok"));
        _time.Advance(TimeSpan.FromDays(days));
        _stripe.SettleDebit(pending.Reference!);

        var told = await ListAsync(Now - Duration.FromMinutes(15));

        // The card's charge of that day was told then.
        Assert.Equal((GatewayFact.Succeeded, pending.Reference), Assert.Single(told) is var debit ? (debit.Fact, debit.Object) : default);
    }

    [Fact]
    public async Task List_TellsARefundThatFailedAMonthAfterItWasSent()
    {
        var paid = await ChargeAsync(Request("pm_ok"));
        _stripe.RefundByHand(paid.Reference!, 500);
        _stripe.RefundByHand(paid.Reference!, 100);
        _time.Advance(TimeSpan.FromDays(30));
        Assert.Empty(await ListAsync(Now - Duration.FromMinutes(15)));
        _stripe.Refunds[0]["status"] = "failed";

        var failed = Assert.Single(await ListAsync(Now - Duration.FromMinutes(15)));

        Assert.Equal((GatewayFact.RefundFailed, (string)_stripe.Refunds[0]["id"]!), (failed.Fact, failed.Part));
    }

    [Fact]
    public async Task OtherMode_IsNoneOfOurs()
    {
        await ChargeAsync(Request("pm_ok"));
        _stripe.Charges[0]["livemode"] = false;

        Assert.Empty(await ListAsync(Now - Duration.FromMinutes(1)));
    }

    [Fact]
    public async Task TestAccount_NeverReachesStripe()
    {
        Assert.Equal(ChargeStatus.Error, (await Gateway.CreateAsync(Request("pm_ok") with { Test = true }, default)).Status);
        Assert.Empty(_stripe.Requests);
    }

    [Theory]
    [InlineData("USD", 2000, "2000")]
    [InlineData("JPY", 500, "500")]
    [InlineData("ISK", 500, "50000")]
    [InlineData("UGX", 500, "50000")]
    [InlineData("MGA", 50_000, "500")]
    [InlineData("MGA", 50_001, "501")]
    [InlineData("KWD", 5120, "5120")]
    [InlineData("KWD", 5121, "5130")]
    [InlineData("BHD", 5129, "5130")]
    [InlineData("TND", 5000, "5000")]
    public async Task Amount_IsSaidInStripesUnits_AndReadBackInOurs(string currency, long amount, string said)
    {
        var paid = await ChargeAsync(Request("pm_ok", amount: amount, currency: currency));

        Assert.Equal(said, _stripe.Requests.Single(seen => seen.Path == "/v1/payment_intents").Form["amount"]);
        Assert.InRange(paid.Amount!.Value.MinorUnits, amount, amount + 99);
        Assert.Equal(currency, paid.Amount.Value.Currency.Code);
    }

    [Theory]
    [InlineData(2000L, "usd", 2000L)]
    [InlineData(0L, "usd", 0L)]
    [InlineData(50_000L, "isk", 500L)]
    [InlineData(50_001L, "isk", null)]
    [InlineData(500L, "mga", 50_000L)]
    [InlineData(5_121L, "kwd", 5_121L)]
    [InlineData(1_000_000_000_000L, "usd", 1_000_000_000_000L)]
    [InlineData(1_000_000_000_001L, "usd", null)]
    [InlineData(100_000_000_000_000L, "isk", 1_000_000_000_000L)]
    [InlineData(100_000_000_000_000L, "mga", null)]
    [InlineData(long.MaxValue, "usd", null)]
    [InlineData(-1L, "usd", null)]
    [InlineData(2000L, "xyz", null)]
    [InlineData(2000L, null, null)]
    [InlineData(null, "usd", null)]
    public void AmountOfAnEvent_IsReadExactly_OrNotAtAll(long? units, string? currency, long? amount) => Assert.Equal(amount, StripeUnits.ReadExactly(units, currency)?.MinorUnits);

    [Theory]
    [InlineData("USD", 49, false)]
    [InlineData("USD", 50, true)]
    [InlineData("JPY", 49, false)]
    [InlineData("JPY", 50, true)]
    [InlineData("HUF", 17_499, false)]
    [InlineData("HUF", 17_500, true)]
    public async Task Amount_BelowTheMinimum_IsDeclinedUnasked(string currency, long amount, bool isCharged)
    {
        var answer = await ChargeAsync(Request("pm_ok", amount: amount, currency: currency));

        Assert.Equal(isCharged ? ChargeStatus.Succeeded : ChargeStatus.Declined, answer.Status);
        if (!isCharged) Assert.Empty(_stripe.Requests);
    }

    [Theory]
    [InlineData("sk_live_x", "https://api.stripe.com", true)]
    [InlineData("rk_test_x", "http://127.0.0.1:1", true)]
    [InlineData("pk_live_x", "https://api.stripe.com", false)]
    [InlineData("sk_live_x", "http://stripe.example", false)]
    [InlineData("sk_live_\r\nx", "https://api.stripe.com", false)]
    public void Options_ThatAreWrong_AreRefusedWithoutSayingTheKey(string key, string url, bool isRight)
    {
        var mistake = new StripeOptions { ApiKey = key, BaseUrl = new Uri(url) }.Mistake();

        Assert.Equal(isRight, mistake is null);
        Assert.DoesNotContain(key, mistake ?? "", StringComparison.Ordinal);
    }

    private async Task<(ChargeRequest Charge, RefundRequest Refund)> PaidAsync(Money? amount = null)
    {
        var request = Request("pm_ok");
        if (amount is { } some) request = request with { Amount = some };
        var paid = await ChargeAsync(request);
        return (request, new RefundRequest("r1", paid.Reference!, request.Payment, request.Account, new Money(600, Usd), null, Now, IsTest, Now));
    }
}
