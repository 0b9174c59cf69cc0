using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace Billing.Grains.Tests.EndToEnd;

/// <summary>The house, in which a turn fails where a test says so.</summary>
public sealed class FailingTurnFixture : BillingFixture
{
    /// <summary>Where the next turn fails, once; <see langword="null"/>: nowhere.</summary>
    public CrashPoint? Next { get; set; }

    /// <summary>How often the gateway was called since <see cref="Next"/> was set.</summary>
    public int Calls { get; private set; }

    /// <summary>No webhook tells what the gateway has answered.</summary>
    protected override Dictionary<string, string?> Settings => new(StringComparer.Ordinal) { ["Billing:SandboxWebhookUrl"] = "http://127.0.0.1:9/" };

    protected override void Add(IServiceCollection services) => services.AddSingleton<ICrashPoints>(new Failing(this));

    private sealed class Failing(FailingTurnFixture fixture) : ICrashPoints
    {
        private bool _isArmed;

        public void Pass(CrashPoint point)
        {
            // The gateway has answered, and the turn that takes its answer is the next that comes to this place.
            if (point == CrashPoint.AfterGateway && fixture.Next is not null) (_isArmed, fixture.Calls) = (true, fixture.Calls + 1);
            if (!_isArmed || point != fixture.Next) return;
            (_isArmed, fixture.Next) = (false, null);
            throw new InvalidOperationException("The turn fails, as a test wants.");
        }
    }
}

/// <summary>What a gateway has answered is told until a write holds it.</summary>
public sealed class ConclusionTests(FailingTurnFixture billing) : IClassFixture<FailingTurnFixture>
{
    [PostgresFact]
    public async Task Answer_WhoseTurnFailsBeforeItsWrite_IsToldAgain_AndTheGatewayIsNotAskedAgain()
    {
        await billing.PutAccountAsync("told");
        await billing.Sandbox.PutMethodAsync("tok_told", ["ok"]);
        var now = SystemClock.Instance.GetCurrentInstant();
        var usd = Currency.Parse("USD");
        await billing.Grains.Invoice("told-1").Execute(new Call(
            new PutInvoice("told", Clock: null, true, usd, new InvoiceContent { Lines = [new InvoiceLine("work", 100)], Collection = Collection.Manual }, false), now));
        await Eventually.UntilAsync(billing.Grains.Invoice("told-1").Read, invoice => invoice.Status == InvoiceStatus.Open);

        billing.Next = CrashPoint.BeforeWrite;
        var pay = new Pay { Payment = "pay_told", Key = new IdempotencyKey("hash", "content"), Invoices = ["told-1"], OneOff = new MethodCandidate(null, "sandbox", "tok_told", MethodKind.Card) };
        Assert.IsType<Done>(await billing.Grains.Account("told").Execute(new Call(pay, SystemClock.Instance.GetCurrentInstant())));

        var paid = await Eventually.UntilAsync(billing.Grains.Payment("pay_told").Read, payment => payment.Status == PaymentStatus.Succeeded);
        Assert.Null(billing.Next);
        Assert.Equal(1, billing.Calls);
        Assert.Single(paid.Attempts);
    }
}
