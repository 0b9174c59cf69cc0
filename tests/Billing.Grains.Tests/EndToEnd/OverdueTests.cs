using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Testing;
using NodaTime;

namespace Billing.Grains.Tests.EndToEnd;

/// <summary>From the failed charge to overdue to paid, on the shipped policy, over real storage.</summary>
public sealed class OverdueTests(BillingFixture billing) : IClassFixture<BillingFixture>
{
    private static readonly Instant s_start = Instant.FromUtc(2026, 3, 1, 0, 0);
    private static readonly Currency s_euro = Currency.Parse("EUR");

    [PostgresFact]
    public async Task FiveFailedRetries_MakeTheAccountOverdue_AndPayingMakesItGood()
    {
        await MakeAccountAsync("overdue", [.. Enumerable.Repeat("decline:insufficient_funds", 6), "ok"]);
        await IssueAsync("overdue", "overdue-1");
        var issued = await Eventually.UntilAsync(Invoice("overdue-1").Read, invoice => invoice.Ladder.Length == 1);
        Assert.Equal((InvoiceStatus.Open, "INV-000001"), (issued.Status, issued.Number));

        await AdvanceAsync("overdue", s_start + Duration.FromDays(5) - Duration.FromMilliseconds(1));
        Assert.Equal("good", (await ReadAsync("overdue")).Standing.Name);
        await AdvanceAsync("overdue", s_start + Duration.FromDays(5));

        var overdue = await ReadAsync("overdue");
        Assert.Equal(new StandingStep("overdue", s_start + Duration.FromDays(5)), overdue.Standing);
        Assert.Equal(6, (await Invoice("overdue-1").Read()).Attempts.Length);
        var denied = await AskAsync("overdue", overdue.StandingVersion);
        Assert.Equal((false, "outstanding_balance"), (denied.Allowed, denied.Code));

        var pay = new Pay { Payment = Ids.PaymentByHand("overdue", "/pay", "key"), Key = new IdempotencyKey("hash", "content") };
        Assert.IsType<Done>(await Account("overdue").Execute(new Call(pay, await NowAsync("overdue"))));
        var paid = await Eventually.UntilAsync(billing.Grains.Payment(pay.Payment).Read, payment => payment.SettledVersion > 0);

        Assert.Equal((PaymentStatus.Succeeded, new Money(1_000, s_euro)), (paid.Status, paid.Captured));
        Assert.True((await AskAsync("overdue", paid.SettledVersion)).Allowed);
        Assert.Equal("good", (await ReadAsync("overdue")).Standing.Name);
        await Eventually.UntilAsync(Invoice("overdue-1").Read, invoice => invoice.Status == InvoiceStatus.Paid);
    }

    [PostgresFact]
    public async Task Processing_ThatSucceedsLater_PaysByWebhook()
    {
        await MakeAccountAsync("bank", ["processing_ok:2d"]);
        await IssueAsync("bank", "bank-1");
        await Eventually.UntilAsync(() => billing.Grains.Payment(Ids.RungPayment("bank-1", 0)).Read(), payment => payment.Status == PaymentStatus.Processing);

        await AdvanceAsync("bank", s_start + Duration.FromDays(2));

        Assert.Equal(InvoiceStatus.Paid, (await Invoice("bank-1").Read()).Status);
    }

    [PostgresFact]
    public async Task Restart_LosesNothing()
    {
        await MakeAccountAsync("restart", ["decline:insufficient_funds"]);
        await IssueAsync("restart", "restart-1");
        await Eventually.UntilAsync(Invoice("restart-1").Read, invoice => invoice.Ladder.Length == 1);
        var before = await ReadAsync("restart");

        await billing.RestartAsync();

        var after = await ReadAsync("restart");
        Assert.Equal((before.StandingVersion, before.AmountUnpaid), (after.StandingVersion, after.AmountUnpaid));
        await AdvanceAsync("restart", s_start + Duration.FromDays(5));
        Assert.Equal("overdue", (await ReadAsync("restart")).Standing.Name);
    }

    [PostgresFact]
    public async Task PaidAtOnce_InRealTime()
    {
        await billing.Sandbox.PutMethodAsync("tok_live", ["ok"]);
        var now = SystemClock.Instance.GetCurrentInstant();
        await PutAsync("live", clock: null, now);
        await PutMethodAsync("live", "tok_live", now);
        await IssueAsync("live", "live-1", clock: null, now);

        await Eventually.UntilAsync(Invoice("live-1").Read, invoice => invoice.Status == InvoiceStatus.Paid);
    }

    private IAccountGrain Account(string id) => billing.Grains.Account(id);

    private IInvoiceGrain Invoice(string id) => billing.Grains.Invoice(id);

    private async Task<Instant> NowAsync(string clock) => (await billing.Grains.TestClock(clock).Read()).Now!.Value;

    private async Task<AccountView> ReadAsync(string account) => (await Account(account).Read(new ReadCall(await NowAsync(account)))).View!;

    private async Task<GateAnswer> AskAsync(string account, long minVersion) =>
        (await Account(account).Check(new GateCall(new GateQuestion("purchase"), await NowAsync(account), minVersion))).Answer!;

    private async Task MakeAccountAsync(string id, string[] script)
    {
        await billing.Sandbox.PutMethodAsync("tok_" + id, script);
        Assert.IsType<Done>(await billing.Grains.TestClock(id).Execute(new Call(new PutTestClock(s_start), s_start)));
        await PutAsync(id, clock: id, s_start);
        await PutMethodAsync(id, "tok_" + id, s_start);
    }

    private async Task PutAsync(string id, string? clock, Instant at)
    {
        var profile = new AccountProfile { Id = id, Name = "Ada", Emails = ["ada@example.com"], Currency = s_euro, Policy = "cloudflare", TestClock = clock, Test = true };
        var put = new PutAccount(["name", "emails", "currency", "policy", "test_clock", "test"], profile);
        Assert.IsType<Done>(await Account(id).Execute(new Call(put, at)));
    }

    private async Task PutMethodAsync(string account, string token, Instant at) => Assert.IsType<Done>(await Account(account).Execute(
        new Call(new PutPaymentMethod(new PaymentMethod { Id = "card", Gateway = "sandbox", Token = token }, MakeDefault: null), at)));

    private Task IssueAsync(string account, string invoice) => IssueAsync(account, invoice, account, s_start);

    private async Task IssueAsync(string account, string invoice, string? clock, Instant at)
    {
        var content = new InvoiceContent { Lines = [new InvoiceLine("Plan", 1_000)] };
        Assert.IsType<Done>(await Invoice(invoice).Execute(new Call(new PutInvoice(account, clock, Test: true, s_euro, content, Draft: false), at)));
    }

    private async Task AdvanceAsync(string clock, Instant to)
    {
        var grain = billing.Grains.TestClock(clock);
        Assert.IsType<Done>(await grain.Execute(new Call(new AdvanceTestClock(to), SystemClock.Instance.GetCurrentInstant())));
        var reached = await Eventually.UntilAsync(grain.Read, state => state.Target is null);
        Assert.Equal(to, reached.Now);
    }
}
