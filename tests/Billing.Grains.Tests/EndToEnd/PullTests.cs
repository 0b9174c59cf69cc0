using Billing.Domain;
using Billing.Gateways;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Billing.Sandbox;
using Billing.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace Billing.Grains.Tests.EndToEnd;

/// <summary>What no webhook told is found in the gateways' books, once; and nobody is deleted before they were looked into. On whichever engine this is.</summary>
public sealed class PullTests(PullFixture billing) : IClassFixture<PullFixture>
{
    private const string Deletes =
        """
        {"id": "pulled", "collection": {"charge": "at_issue"}, "standings": [
            {"name": "suspended", "when": {"unpaid_for": "2d"}, "deny": ["purchase"], "message": "Pay first."},
            {"name": "deleted", "when": {"in_standing": {"suspended": "14d"}}, "on_enter": ["delete_resources"], "deny": ["purchase"], "message": "Pay first."}]}
        """;

    private static readonly Currency s_euro = Currency.Parse("EUR");

    private static Instant Now => SystemClock.Instance.GetCurrentInstant();

    [PostgresFact]
    public async Task LostWebhook_IsFoundOnce_AlsoWhenItComesAfterAll()
    {
        await MakeAsync("lost", "sandbox", ["processing_ok:1s"]);
        await IssueAsync("lost", "lost-1", Collection.Automatic);

        var paid = await Eventually.UntilAsync(billing.Grains.Payment(Ids.RungPayment("lost-1", 0)).Read, payment => payment.Status == PaymentStatus.Succeeded);
        await Eventually.UntilAsync(() => ReadAsync("lost"), view => view.AmountDue.IsZero);
        var attempt = paid.Attempts.Single();
        var late = new GatewayReported("evt", attempt.Ordinal, AttemptOutcome.Succeeded, attempt.Reference, paid.Captured, null, Now);
        Assert.IsType<Done>(await billing.Grains.Payment(paid.Id).Execute(new Call(late, Now)));
        await PulledAsync("sandbox");

        var view = await ReadAsync("lost");
        Assert.Equal((Euros(1_000), Euros(0)), ((await billing.Grains.Payment(paid.Id).Read()).Captured, view.Prepayment));
        Assert.Single((await billing.Events.ReadAsync(0, "lost", ["payment.succeeded"], 100)).Events);
    }

    [PostgresFact]
    public async Task RefundAndDisputesOfTheGatewaysPages_AreFoundOnce()
    {
        var sandbox = billing.Services.GetServices<IPaymentGateway>().OfType<SandboxGateway>().Single();
        await MakeAsync("back", "sandbox", ["ok", "ok"]);
        foreach (var invoice in new[] { "back-1", "back-2" })
        {
            await IssueAsync("back", invoice, Collection.Automatic);
            await Eventually.UntilAsync(billing.Grains.Payment(Ids.RungPayment(invoice, 0)).Read, payment => payment.SettledVersion > 0);
        }

        var (first, second) = (await ChargeAsync("back-1"), await ChargeAsync("back-2"));
        await sandbox.RefundAsync(new RefundRequest("by hand", first, Ids.RungPayment("back-1", 0), "back", Euros(300), null, Now, true), default);
        Assert.Null((await billing.Sandbox.DisputeAsync(second, "opened", Now)).Refusal);
        await Eventually.UntilAsync(billing.Grains.Payment(Ids.RungPayment("back-1", 0)).Read, payment => payment.Refunded == Euros(300));
        await Eventually.UntilAsync(billing.Grains.Payment(Ids.RungPayment("back-2", 0)).Read, payment => payment.DisputedAt is not null);
        Assert.Null((await billing.Sandbox.DisputeAsync(second, "lost", Now)).Refusal);
        await Eventually.UntilAsync(() => ReadAsync("back"), view => view.AmountDue == Euros(1_000));
        await PulledAsync("sandbox");

        Assert.Single((await billing.Grains.Payment(Ids.RungPayment("back-1", 0)).Read()).Refunds);
        Assert.Single((await billing.Grains.Payment(Ids.RungPayment("back-2", 0)).Read()).Reversals);
        Assert.Equal(Euros(1_000), (await ReadAsync("back")).AmountDue);

        async Task<string> ChargeAsync(string invoice) => (await billing.Grains.Payment(Ids.RungPayment(invoice, 0)).Read()).Attempts.Single().Reference!;
    }

    [PostgresFact]
    public async Task Books_OverSeveralPages_GoOnAfterAFailureAndARestart_AndTellMoreThanWasAsked()
    {
        await MakeAsync("pages", billing.Books.Name, []);
        foreach (var invoice in new[] { "pages-1", "pages-2" })
        {
            await IssueAsync("pages", invoice, Collection.Automatic);
            await Eventually.UntilAsync(billing.Grains.Payment(Ids.RungPayment(invoice, 0)).Read, payment => payment.Status == PaymentStatus.Processing);
        }

        billing.Books.Pages = [[Captured("pages-1", 1_000)], null];
        await WakeAsync(billing.Books.Name);
        await Eventually.UntilAsync(billing.Grains.Payment(Ids.RungPayment("pages-1", 0)).Read, payment => payment.SettledVersion > 0);
        var failing = await Eventually.UntilAsync(() => PullAsync(billing.Books), pull => pull.Failures > 0);
        Assert.Equal(("1", "Nobody answers."), (failing.Run!.Cursor, failing.LastFailure));

        await billing.RestartAsync();
        billing.Books.Asked.Clear();
        // More than was asked for is the customer's prepayment.
        billing.Books.Pages = [[Captured("pages-1", 1_000)], [Captured("pages-2", 1_250)]];
        await WakeAsync(billing.Books.Name);

        await Eventually.UntilAsync(() => ReadAsync("pages"), view => view.AmountDue.IsZero && view.Prepayment == Euros(250));
        Assert.True(billing.Books.Asked.TryPeek(out var firstAsked));
        Assert.Equal("1", firstAsked);
        var ended = await Eventually.UntilAsync(() => PullAsync(billing.Books), pull => pull.LastBegunAt >= failing.Run.BegunAt);
        Assert.Null(ended.FailingSince);
        billing.Books.Pages = [[Captured("pages-1", 1_000)], [Captured("pages-2", 1_250)], [Captured("pages-2", 1_300)]];
        await PulledAsync(billing.Books.Name);
        await Eventually.UntilAsync(() => ReadAsync("pages"), view => view.Prepayment == Euros(300));
        await PulledAsync(billing.Books.Name);
        Assert.Equal(Euros(300), (await ReadAsync("pages")).Prepayment);
        billing.Books.Pages = [[]];
    }

    [PostgresFact]
    public async Task ChargeWhosePaymentTheDatabaseLost_ComesBackUnderItsOwnName_AndIsNotChargedAgain()
    {
        await MakeAsync("restored", billing.Books.Name, []);
        Assert.IsType<Done>(await billing.Grains.Account("restored").Execute(new Call(new PutControls(null, AutoPayOff: true), Now)));
        await IssueAsync("restored", "restored-1", Collection.Automatic);
        Assert.IsType<Done>(await billing.Grains.Brake(GrainKeys.Installation).Execute(new Call(new PauseUntilPulled([billing.Books.Name], "restored"), Now)));

        billing.Books.Pages = [[Captured("restored-1", 1_000) with { Account = "restored", At = Now + Duration.FromDays(29) }]];
        await WakeAsync(billing.Books.Name);

        await Eventually.UntilAsync(() => ReadAsync("restored"), view => view.AmountDue.IsZero);
        await PulledAsync(billing.Books.Name);
        Assert.Equal((Euros(1_000), "ch_restored-1~0"), await billing.Grains.Payment("restored-1~0").Read() is var found ? (found.Captured, found.Reference) : default);
        Assert.Equal(Euros(0), (await ReadAsync("restored")).Prepayment);
        Assert.Equal(InvoiceStatus.Paid, (await Eventually.UntilAsync(billing.Grains.Invoice("restored-1").Read, invoice => invoice.Status == InvoiceStatus.Paid)).Status);
        billing.Books.Pages = [[]];
    }

    [PostgresFact]
    public async Task ChargeOfSomebodyElse_ThatNamesAnAccountOfOurs_BringsNoMoney_AndWaitsForAHuman()
    {
        await MakeAsync("foreign", billing.Books.Name, []);
        var charge = Captured("foreign-1", 1_000) with { Account = "foreign", At = Now + Duration.FromDays(31) };
        billing.Books.Pages = [[charge]];

        await PulledAsync(billing.Books.Name);

        var kept = await billing.Index.ListAsync(new IndexQuery("inbox") { Where = new Dictionary<string, string>(StringComparer.Ordinal) { ["waits_for"] = charge.Object }, Limit = 10 });
        Assert.Equal(charge, (await billing.Grains.Inbox(Assert.Single(kept.Entries).Key).Read()).Event);
        Assert.Null((await billing.Grains.Payment(charge.Payment!).Read()).Start);
        Assert.Equal(Euros(0), (await ReadAsync("foreign")).Prepayment);
        billing.Books.Pages = [[]];
    }

    [PostgresFact]
    public async Task Deletion_WaitsForThePull_AndAGatewayThatIsDownForADayIsOnTheList()
    {
        await MakeAsync("deleted", billing.Down.Name, []);
        await IssueAsync("deleted", "deleted-1", Collection.Manual);
        var start = await Eventually.UntilAsync(async () => (await billing.Grains.Invoice("deleted-1").Read()).UnpaidSince, since => since is not null) ?? default;
        await WakeAsync("deleted", start + Duration.FromDays(2));
        await WakeAsync("deleted", start + Duration.FromDays(16));
        Assert.Equal("suspended", (await ReadAsync("deleted", start + Duration.FromDays(16))).Standing.Name);

        // One pull began before that and does not count. Then they fail, today and still tomorrow.
        await PulledAsync(billing.Down.Name, start + Duration.FromDays(15));
        billing.Down.Pages = [null];
        var down = start + Duration.FromDays(17);
        await FailAsync(down);
        await FailAsync(down + Duration.FromDays(1) - Duration.FromMilliseconds(1));
        Assert.Empty((await PullAsync(billing.Down)).Attention);
        await FailAsync(down + Duration.FromDays(2));
        Assert.Equal("gateway_pull", Assert.Single((await PullAsync(billing.Down)).Attention).Kind);
        Assert.Contains((await billing.Index.AttentionAsync(100, null)).Entries, entry => entry.Key == GrainKeys.Pull(billing.Down.Name));
        var late = down + Duration.FromDays(3.5);
        Assert.IsType<Done>(await billing.Grains.Account("deleted").Execute(new Call(new PutHold(HoldCategory.Manual, ["login"], "so that its clock is there"), late)));
        Assert.Equal("suspended", (await ReadAsync("deleted", late)).Standing.Name);
        Assert.Single((await billing.Index.AwaitingPullAsync(billing.Down.Name, late, 10)), entry => entry.Key == GrainKeys.Account("deleted"));
        Assert.Empty(await billing.Index.AwaitingPullAsync(billing.Down.Name, start + Duration.FromDays(16), 10));
        Assert.Empty(await billing.Index.AwaitingPullAsync("another", late, 10));

        billing.Down.Pages = [[]];
        await PulledAsync(billing.Down.Name, down + Duration.FromDays(3));

        // The sweepers find it and it is told; nobody else wakes it.
        await Eventually.UntilAsync(() => DeletionsAsync(), count => count == 1);
        Assert.Equal("deleted", (await ReadAsync("deleted", late)).Standing.Name);
        Assert.Empty((await PullAsync(billing.Down)).Attention);
        Assert.Empty(await billing.Index.AwaitingPullAsync(billing.Down.Name, late, 10));

        async Task<int> DeletionsAsync() => (await billing.Events.ReadAsync(0, "deleted", ["standing.changed"], 100)).Events.Count(e => e.Data.GetProperty("standing").GetString() == "deleted");

        async Task FailAsync(Instant at)
        {
            var failures = (await PullAsync(billing.Down)).Failures;
            await billing.Grains.Pull(billing.Down.Name).Execute(new Call(new Wake(), at));
            await Eventually.UntilAsync(() => PullAsync(billing.Down), pull => pull.Failures > failures);
        }
    }

    private static Money Euros(long cents) => new(cents, s_euro);

    private static GatewayEvent Captured(string invoice, long amount) => new()
    {
        Gateway = "books",
        Id = GatewayEvent.PulledId("ch_" + Ids.RungPayment(invoice, 0), GatewayFact.Succeeded),
        Type = "pulled.charge",
        Fact = GatewayFact.Succeeded,
        Object = "ch_" + Ids.RungPayment(invoice, 0),
        Payment = Ids.RungPayment(invoice, 0),
        Ordinal = 1,
        Amount = Euros(amount),
        IsTotal = true,
    };

    private Task<PullState> PullAsync(BooksGateway gateway) => billing.Grains.Pull(gateway.Name).Read();

    private async Task<AccountView> ReadAsync(string account, Instant? at = null) => (await billing.Grains.Account(account).Read(new ReadCall(at ?? Now))).View!;

    private Task<Reply> WakeAsync(string account, Instant at) => billing.Grains.Account(account).Execute(new Call(new Wake(), at));

    /// <summary>A pull goes on, however long it was to wait.</summary>
    private async Task WakeAsync(string gateway, Instant? at = null) =>
        await billing.Grains.Pull(gateway).Execute(new Call(new Wake(), at ?? (await billing.Grains.Pull(gateway).Read()).DueAt ?? Now));

    /// <summary>A whole pull has ended that began after the present one.</summary>
    private async Task PulledAsync(string gateway, Instant? at = null)
    {
        var under = (await billing.Grains.Pull(gateway).Read()) is { } pull ? pull.Run?.BegunAt ?? pull.LastBegunAt : null;
        await Eventually.UntilAsync(
            async () =>
            {
                await WakeAsync(gateway, at);
                return await billing.Grains.Pull(gateway).Read();
            },
            pull => !(pull.LastBegunAt <= under) && pull.LastBegunAt is not null);
    }

    private async Task MakeAsync(string id, string gateway, string[] script)
    {
        var now = Now;
        await billing.Grains.Policy("pulled").Execute(new Call(new PutPolicy(Deletes, OnlyFirst: true), now));
        if (script.Length > 0) await billing.Sandbox.PutMethodAsync("tok_" + id, script);
        var profile = new AccountProfile { Id = id, Name = "Ada", Emails = ["ada@example.com"], Currency = s_euro, Policy = "pulled", Test = true };
        Assert.IsType<Done>(await billing.Grains.Account(id).Execute(new Call(new PutAccount(["name", "emails", "currency", "policy", "test"], profile), now)));
        Assert.IsType<Done>(await billing.Grains.Account(id).Execute(new Call(new PutPaymentMethod(new PaymentMethod { Id = "card", Gateway = gateway, Token = "tok_" + id }, MakeDefault: null), now)));
    }

    private async Task IssueAsync(string account, string invoice, Collection collection)
    {
        var content = new InvoiceContent { Lines = [new InvoiceLine("Plan", 1_000)], Collection = collection };
        Assert.IsType<Done>(await billing.Grains.Invoice(invoice).Execute(new Call(new PutInvoice(account, Clock: null, Test: true, s_euro, content, Draft: false), Now)));
    }
}
