using System.Text;
using System.Text.Json;
using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Testing;
using NodaTime;
using Xunit;

namespace Billing.Api.Tests.Webhooks;

/// <summary>The doors of gateways' webhooks, over HTTP on PostgreSQL.</summary>
public sealed class WebhookInTests(DoorsApp doors) : IClassFixture<DoorsApp>
{
    private static int _count;

    private BillingApp App => doors.App;

    private Gateways Told => new(App);

    [PostgresFact]
    public async Task Received_PaysTheInvoice_AndOpensTheGate_HoweverOftenItComes()
    {
        var (account, invoice) = await OverdueAsync();
        Assert.False((await GateAsync(account))["allowed"].GetBoolean());

        for (var i = 0; i < 3; i++) (await Told.BankAsync("payment.received", account, 2000, "wire-1", invoice, id: i == 2 ? null : "msg-" + account)).Is(204);
        await QuietAsync();

        Assert.True((await GateAsync(account))["allowed"].GetBoolean());
        var payment = Assert.Single(await PaymentsAsync(account));
        Assert.Equal((2000, "succeeded"), (payment.GetProperty("captured").GetInt64(), payment.GetProperty("status").GetString()));
        Assert.Equal("paid", (await App.GetAsync("/v1/invoices/" + invoice))["status"].GetString());
    }

    [PostgresFact]
    public async Task Received_AboveTheSourcesBound_WaitsForAHuman()
    {
        var (account, _) = await OverdueAsync();
        (await Told.BankAsync("payment.received", account, 1_000_001, "big")).Is(204);
        (await Told.BankAsync("payment.received", account, 1_000_001, "big")).Is(204);
        await QuietAsync();

        Assert.Empty(await PaymentsAsync(account));
        var entries = await AttentionAsync(account);
        Assert.Equal(2, entries.Length);
        Assert.Contains("more than source 'bank' may report", entries[0].GetProperty("what").GetString(), StringComparison.Ordinal);
        foreach (var entry in entries) (await App.PostAsync($"/v1/attention/{entry.GetProperty("id").GetString()}/resolve")).Is(204);
        Assert.Empty(await AttentionAsync(account));
    }

    [PostgresFact]
    public async Task Received_OtherAmountUnderTheSameReference_WaitsForAHuman()
    {
        var (account, _) = await OverdueAsync();
        (await Told.BankAsync("payment.received", account, 2000, "wire-2")).Is(204);
        (await Told.BankAsync("payment.received", account, 2100, "wire-2")).Is(204);
        await QuietAsync();

        Assert.Equal(2000, Assert.Single(await PaymentsAsync(account)).GetProperty("captured").GetInt64());
        Assert.Single(await AttentionAsync(account));
    }

    [PostgresFact]
    public async Task Received_InAnotherCurrency_GoesToNoInvoice()
    {
        var (account, invoice) = await OverdueAsync();
        (await Told.BankAsync("payment.received", account, 2000, "wire-3", invoice, currency: "EUR")).Is(204);
        await QuietAsync();

        Assert.Equal(2000, (await App.GetAsync("/v1/invoices/" + invoice))["amount_due"].GetInt64());
        Assert.Equal("other_currency", Assert.Single(await AttentionAsync(account)).GetProperty("kind").GetString());
    }

    [PostgresFact]
    public async Task Received_ForAnAccountThatComesLater_IsKeptAndMatched()
    {
        var account = Next();
        (await Told.BankAsync("payment.received", account, 700, "early", id: "msg-" + account)).Is(204);
        var kept = App.Grains.Inbox(GrainKeys.Inbox("standard.bank", "msg-" + account));
        Assert.Equal(InboxStatus.Waiting, (await kept.Read()).Status);

        await MakeAsync(account);
        await kept.Execute(new Call(new MatchAgain(), Now));
        await QuietAsync();

        Assert.Equal((InboxStatus.Matched, Ids.Received(account, "early")), ((await kept.Read()).Status, (await kept.Read()).Payment));
        Assert.Equal(700, Assert.Single(await PaymentsAsync(account)).GetProperty("captured").GetInt64());
    }

    [PostgresFact]
    public async Task Refund_BeforeItsCapture_IsNotTakenFromAnotherAccountWithTheSameReference()
    {
        var ((one, _), (other, _)) = (await OverdueAsync(), await OverdueAsync());
        (await Told.BankAsync("payment.received", other, 2000, "same")).Is(204);
        await QuietAsync();
        (await Told.BankAsync("payment.refunded", one, 500, "same")).Is(204);
        await QuietAsync();
        Assert.Equal(0, Assert.Single(await PaymentsAsync(other)).GetProperty("refunded").GetInt64());

        (await Told.BankAsync("payment.received", one, 2000, "same")).Is(204);
        await QuietAsync();
        Assert.Equal(0, Assert.Single(await PaymentsAsync(other)).GetProperty("refunded").GetInt64());
        Assert.Equal(500, Assert.Single(await PaymentsAsync(one)).GetProperty("refunded").GetInt64());
    }

    [PostgresFact]
    public async Task Event_ThatMatchesNothing_IsMatchedForThreeDays_ThenAHumanIsAsked()
    {
        (await Told.StripeAsync("charge.dispute.created", """{"id": "dp_1", "charge": "ch_9", "payment_intent": "pi_nobody", "amount": 500, "currency": "usd", "status": "needs_response"}""", "evt_nobody")).Is(204);
        var kept = App.Grains.Inbox(GrainKeys.Inbox("stripe", "evt_nobody"));
        await QuietAsync();
        var state = await kept.Read();
        Assert.InRange(state.DueAt!.Value, state.ReceivedAt + Duration.FromHours(1), state.ReceivedAt + Duration.FromHours(2));

        await kept.WakeUp(new Call(new Wake(), state.ReceivedAt + Duration.FromDays(3) - Duration.FromMilliseconds(1)));
        await QuietAsync();
        Assert.Empty((await kept.Read()).Attention);
        await kept.WakeUp(new Call(new Wake(), state.ReceivedAt + Duration.FromDays(4)));
        await QuietAsync();
        Assert.Equal("gateway_event", Assert.Single((await kept.Read()).Attention).Kind);
        Assert.Null((await kept.Read()).DueAt);
    }

    [PostgresFact]
    public async Task Stripe_WhatComesBeforeItsCapture_IsTakenWhenThatIsStored()
    {
        var (account, invoice) = await OverdueAsync();
        var intent = "pi_" + account;
        (await Told.StripeAsync("charge.refunded", $$"""{"id": "ch_1", "payment_intent": "{{intent}}", "amount": 2000, "amount_refunded": 500, "currency": "usd", "metadata": {} }""")).Is(204);
        (await Told.StripeAsync("refund.updated", $$"""{"id": "re_1", "payment_intent": "{{intent}}", "amount": 500, "currency": "usd", "status": "succeeded"}""")).Is(204);
        (await Told.StripeAsync("payment_intent.succeeded", $$"""{"id": "{{intent}}", "amount_received": 2000, "currency": "usd", "metadata": {"billing_account": "{{account}}", "billing_invoice": "{{invoice}}"} }""")).Is(204);
        await QuietAsync();

        var payment = Assert.Single(await PaymentsAsync(account));
        Assert.Equal(2000, payment.GetProperty("captured").GetInt64());
        Assert.Equal(500, payment.GetProperty("refunded").GetInt64());
        Assert.Equal("paid", (await App.GetAsync("/v1/invoices/" + invoice))["status"].GetString());
    }

    [PostgresFact]
    public async Task Stripe_DisputeThatIsLost_TakesTheMoneyBack()
    {
        var (account, invoice) = await OverdueAsync();
        var intent = "pi_" + account;
        string Dispute(string status) => $$"""{"id": "dp_1", "charge": "ch_1", "payment_intent": "{{intent}}", "amount": 2000, "currency": "usd", "status": "{{status}}"}""";
        (await Told.StripeAsync("payment_intent.succeeded", $$"""{"id": "{{intent}}", "amount_received": 2000, "currency": "usd", "metadata": {"billing_account": "{{account}}", "billing_invoice": "{{invoice}}"} }""")).Is(204);
        await QuietAsync();
        (await Told.StripeAsync("charge.dispute.created", Dispute("needs_response"))).Is(204);
        await QuietAsync();
        Assert.Equal("paid", (await App.GetAsync("/v1/invoices/" + invoice))["status"].GetString());

        (await Told.StripeAsync("charge.dispute.closed", Dispute("lost"))).Is(204);
        (await Told.StripeAsync("charge.dispute.created", Dispute("needs_response"))).Is(204);
        await QuietAsync();
        Assert.Equal(2000, (await App.GetAsync("/v1/invoices/" + invoice))["amount_due"].GetInt64());
        Assert.False((await GateAsync(account))["allowed"].GetBoolean());
    }

    [PostgresFact]
    public async Task Stripe_EventOfSomebodyElsesCharge_HasNoEffect()
    {
        (await Told.StripeAsync("payment_intent.payment_failed", """{"id": "pi_else", "amount": 1, "currency": "usd", "metadata": {}}""", "evt_else")).Is(204);
        (await Told.StripeAsync("customer.created", """{"id": "cus_1"}""", "evt_else_2")).Is(204);
        Assert.Null((await App.Grains.Inbox(GrainKeys.Inbox("stripe", "evt_else")).Read()).Event);
        Assert.Null((await App.Grains.Inbox(GrainKeys.Inbox("stripe", "evt_else_2")).Read()).Event);
    }

    [PostgresTheory]
    [InlineData("payment_intent.canceled", "\"status\": \"canceled\", \"cancellation_reason\": \"abandoned\"", false, null)]
    [InlineData("payment_intent.canceled", "\"status\": \"canceled\", \"cancellation_reason\": \"requested_by_customer\", \"last_payment_error\": {\"code\": \"authentication_required\"}", false, null)]
    [InlineData("payment_intent.canceled", "\"status\": \"canceled\", \"cancellation_reason\": \"requested_by_customer\"", true, null)]
    [InlineData("payment_intent.payment_failed", "\"status\": \"requires_payment_method\", \"last_payment_error\": {\"code\": \"authentication_required\"}", false, null)]
    [InlineData("payment_intent.payment_failed", "\"status\": \"requires_payment_method\", \"last_payment_error\": {\"code\": \"card_declined\", \"decline_code\": \"insufficient_funds\"}", true, "insufficient_funds")]
    [InlineData("payment_intent.payment_failed", "\"status\": \"requires_payment_method\", \"last_payment_error\": {\"code\": \"card_declined\", \"decline_code\": \"insufficient_funds\", \"advice_code\": \"do_not_try_again\"}", true, DeclineCodes.DoNotTryAgain)]
    public async Task Stripe_EndOfAnIntent_IsToldUnlessItIsOurOwnDoing(string type, string says, bool isTold, string? code)
    {
        var id = "evt_" + Next();
        (await Told.StripeAsync(type, $$"""{"id": "pi_{{id}}", "object": "payment_intent", "amount": 2000, "currency": "usd", {{says}}, "metadata": {"billing_payment": "pay-{{id}}"} }""", id)).Is(204);

        var kept = (await App.Grains.Inbox(GrainKeys.Inbox("stripe", id)).Read()).Event;

        Assert.Equal((isTold, code), (kept is not null, kept?.Code));
    }

    [PostgresFact]
    public async Task Stripe_LiveEvent_NeverTouchesATestAccount()
    {
        var account = Next();
        await MakeAsync(account, isTest: true);
        (await Told.StripeAsync("payment_intent.succeeded", $$"""{"id": "pi_{{account}}", "amount_received": 2000, "currency": "usd", "metadata": {"billing_account": "{{account}}"} }""")).Is(204);
        await QuietAsync();

        Assert.Empty(await PaymentsAsync(account));
        Assert.Contains("the account is a test account", Assert.Single(await AttentionAsync(account)).GetProperty("what").GetString(), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Paddle_TransactionRefundAndChargeback_AreTaken()
    {
        var (account, invoice) = await OverdueAsync();
        var transaction = "txn_" + account;
        string Adjustment(string id, string action, string status, long amount) => $$"""{"id": "{{id}}", "action": "{{action}}", "status": "{{status}}", "transaction_id": "{{transaction}}", "currency_code": "USD", "totals": {"total": "{{amount}}"} }""";
        (await Told.PaddleAsync("transaction.completed", $$"""{"id": "{{transaction}}", "currency_code": "USD", "details": {"totals": {"grand_total": "2000"} }, "custom_data": {"billing_account": "{{account}}", "billing_invoice": "{{invoice}}"} }""")).Is(204);
        await QuietAsync();
        (await Told.PaddleAsync("adjustment.created", Adjustment("adj_1", "refund", "pending_approval", 300))).Is(204);
        (await Told.PaddleAsync("adjustment.updated", Adjustment("adj_1", "refund", "approved", 300))).Is(204);
        (await Told.PaddleAsync("adjustment.updated", Adjustment("adj_2", "refund", "approved", 300))).Is(204);
        (await Told.PaddleAsync("adjustment.updated", Adjustment("adj_2", "refund", "approved", 300))).Is(204);
        await QuietAsync();
        Assert.Equal(600, Assert.Single(await PaymentsAsync(account)).GetProperty("refunded").GetInt64());

        (await Told.PaddleAsync("adjustment.created", Adjustment("adj_3", "chargeback", "approved", 1400))).Is(204);
        await QuietAsync();
        Assert.Equal(1400, (await App.GetAsync("/v1/invoices/" + invoice))["amount_due"].GetInt64());
    }

    [PostgresFact]
    public async Task Coins_ThatAreShortAndThenLate_AreAppliedAsTheyCome()
    {
        var (account, invoice) = await OverdueAsync();
        string Invoice(string confirmed) => $$$"""{"id": "cp-{{{account}}}", "amount": {"currencyId": 5057, "total": "2000"}, "custom_data": {"billing_account": "{{{account}}}", "billing_invoice": "{{{invoice}}}"}, "payments": [{"hot_wallet": {"payment_sub_total": "0.0004", "confirmed_amount": "{{{confirmed}}}"} }]}""";
        (await Told.CoinsAsync("InvoicePending", Invoice("0"))).Is(204);
        (await Told.CoinsAsync("InvoiceTimedOut", Invoice("0.0001"))).Is(204);
        await QuietAsync();
        Assert.Equal(1500, (await App.GetAsync("/v1/invoices/" + invoice))["amount_due"].GetInt64());

        (await Told.CoinsAsync("invoiceCompleted", Invoice("0.0004"))).Is(204);
        (await Told.CoinsAsync("InvoiceTimedOut", Invoice("0.0001"))).Is(204);
        await QuietAsync();
        Assert.Equal("paid", (await App.GetAsync("/v1/invoices/" + invoice))["status"].GetString());
        Assert.Equal(2000, Assert.Single(await PaymentsAsync(account)).GetProperty("captured").GetInt64());
    }

    [PostgresFact]
    public async Task Delivery_ThatWillNeverBeRight_IsRefused()
    {
        var body = Encoding.UTF8.GetBytes("{}");
        foreach (var gateway in (string[])["stripe", "paddle", "coinpayments", "standard"])
        {
            (await Told.SendAsync(gateway, body)).IsProblem(400, "invalid_request");
            (await Told.SendAsync(gateway, new byte[(256 * 1024) + 1])).IsProblem(413, "too_large");
        }

        (await Told.StandardAsync("{}", secret: "another")).IsProblem(401, "unauthenticated");
        (await Told.StandardAsync("{}")).IsProblem(400, "invalid_request");
        (await Told.StandardAsync("no json")).IsProblem(400, "invalid_request");
        (await Told.StandardAsync($$"""{"type": "payment.received", "data": {{new string('[', 10_000)}}""")).IsProblem(400, "invalid_request");
        (await Told.StandardAsync("""{"type": "payment.received"}""")).IsProblem(422, "invalid_request");
        Assert.Equal(
            ["data.account", "data.amount", "data.currency", "data.reference"],
            (await Told.StandardAsync("""{"type": "payment.received", "data": {"account": "../x", "amount": 0, "currency": "usd", "reference": "a b"}}""")).IsProblem(422, "invalid_request").ErrorPaths.Order(StringComparer.Ordinal));
        (await Told.StandardAsync("""{"type": "payment.postponed", "data": {}}""")).Is(204);
        (await Told.StripeAsync("payment_intent.succeeded", "7")).IsProblem(400, "invalid_request");
    }

    [Fact]
    public async Task Door_WithoutASecret_IsNotThere()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        foreach (var gateway in (string[])["stripe", "paddle", "coinpayments", "standard"]) (await new Gateways(app).SendAsync(gateway, [])).IsProblem(404, "not_found");
    }

    private static Instant Now => Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());

    private static string Next() => $"hook-{Interlocked.Increment(ref _count)}";

    private Task QuietAsync() => DoorsApp.QuietAsync(App);

    private async Task MakeAsync(string account, bool isTest = false) =>
        (await App.PutAsync("/v1/accounts/" + account, $$"""{"name": "Hooked", "emails": ["owner@example.com"], "currency": "USD", "policy": "hooked", "test": {{(isTest ? "true" : "false")}} }""")).Succeeded();

    /// <summary>An account with an invoice of 20.00 that is unpaid from the moment of its issue, so that the gate is closed.</summary>
    private async Task<(string Account, string Invoice)> OverdueAsync()
    {
        var account = Next();
        await MakeAsync(account);
        (await App.PutAsync($"/v1/accounts/{account}/invoices/{account}-1", """{"lines": [{"description": "work", "amount": 2000}], "collection": "manual"}""")).Succeeded();
        return (account, account + "-1");
    }

    private Task<Answer> GateAsync(string account) => App.GetAsync($"/v1/accounts/{account}/gate?operation=purchase");

    private async Task<JsonElement[]> PaymentsAsync(string account) => [.. (await App.GetAsync($"/v1/accounts/{account}/payments")).Succeeded()["data"].EnumerateArray()];

    private async Task<JsonElement[]> AttentionAsync(string account) =>
        [.. (await App.GetAsync("/v1/attention?limit=200")).Succeeded()["data"].EnumerateArray().Where(entry => entry.GetProperty("account").GetString() == account)];
}
