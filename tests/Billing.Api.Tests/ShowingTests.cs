using Billing.Api.Invoices;
using Billing.Api.Payments;
using Billing.Domain;
using NodaTime;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>How payments and invoices are shown, from their states.</summary>
public sealed class ShowingTests
{
    private static readonly Currency Dollar = Currency.TryParse("USD", out var usd) ? usd : default;
    private static readonly Instant At = Instant.FromUtc(2026, 3, 1, 0, 0);

    private static readonly PaymentState Payment = new()
    {
        Id = "pay_1",
        CreatedAt = At,
        Start = new StartPayment { Account = "acme", Amount = Usd(2000), Invoices = ["i"], Candidates = [] },
    };

    [Theory]
    [InlineData(PaymentStatus.Created, false, "created")]
    [InlineData(PaymentStatus.Created, true, "cancelled")]
    [InlineData(PaymentStatus.AwaitingCustomer, false, "awaiting_customer")]
    [InlineData(PaymentStatus.Submitting, true, "submitting")]
    [InlineData(PaymentStatus.Processing, true, "processing")]
    [InlineData(PaymentStatus.Unknown, true, "unknown")]
    [InlineData(PaymentStatus.Succeeded, false, "succeeded")]
    [InlineData(PaymentStatus.Failed, false, "failed")]
    [InlineData(PaymentStatus.Failed, true, "cancelled")]
    [InlineData(PaymentStatus.Expired, false, "expired")]
    [InlineData(PaymentStatus.Cancelled, false, "cancelled")]
    public void Payment_ShowsItsStatus(PaymentStatus status, bool isCancelled, string shown) =>
        Assert.Equal(shown, PaymentResponse.Of(Payment with { Status = status, IsCancelled = isCancelled }).Status);

    [Fact]
    public void Payment_ThatIsDisputedOrReversed_SaysSo()
    {
        var paid = Payment with { Status = PaymentStatus.Succeeded, Captured = Usd(2000) };
        Assert.Equal("disputed", PaymentResponse.Of(paid with { DisputedAt = At }).Status);
        Assert.Equal("reversed", PaymentResponse.Of(paid with { Reversed = Usd(2000) }).Status);
        Assert.Equal(("succeeded", 1999L), (PaymentResponse.Of(paid with { Reversed = Usd(1999) }).Status, PaymentResponse.Of(paid with { Reversed = Usd(1999) }).Reversed));
        Assert.Equal("succeeded", PaymentResponse.Of(paid with { Captured = Usd(0), Reversed = Usd(0) }).Status);
    }

    [Fact]
    public void Payment_ShowsWhatTheCustomerHasToDo_OnlyWhileItWaits()
    {
        var waiting = Payment with { Status = PaymentStatus.AwaitingCustomer, Action = new NextAction(RedirectUrl: null, "bc1q", "0.00042 BTC", "bitcoin", ExpiresAt: null), ExpiresAt = At };
        Assert.Equal(new NextActionResponse(null, "bc1q", "0.00042 BTC", "bitcoin", At), PaymentResponse.Of(waiting).NextAction);
        Assert.Null(PaymentResponse.Of(waiting with { Status = PaymentStatus.Expired }).NextAction);
    }

    [Fact]
    public void Payment_ShowsItsRefunds_ButThoseThatWereRefused()
    {
        var refused = new Refund { Id = "pay_1~refund~1", Status = RefundStatus.Refused, Refusal = new Refused(Problems.PaymentDisputed, "It is disputed."), CreatedAt = At };
        var failed = refused with { Id = "pay_1~refund~2", Status = RefundStatus.Failed, Refusal = new Refused(Problems.PaymentDeclined, "The gateway will not send it.") };
        var shown = Assert.Single(PaymentResponse.Of(Payment with { Refunded = Usd(5), Refunds = [refused, failed] }).Refunds);
        Assert.Equal(("pay_1~refund~2", "pay_1", "acme", RefundStatus.Failed, null, "payment_declined"), (shown.Id, shown.Payment, shown.Account, shown.Status, shown.Amount, shown.Code));
        Assert.Equal("payment_disputed", RefundResponse.Of(Payment, refused).Code);
    }

    private static readonly InvoiceState Invoice = new()
    {
        Id = "i",
        Account = "acme",
        Status = InvoiceStatus.Open,
        Total = Usd(2000),
        Due = Usd(1500),
        DueAt = At,
        Payments = [new Application("p1", Usd(700)), new Application("p1", Usd(-200))],
    };

    [Fact]
    public void Invoice_ShowsWhatWasPaidOnIt()
    {
        Assert.Equal(500, InvoiceResponse.Of(Invoice, At).AmountPaid);
        Assert.Equal(450, InvoiceResponse.Of(Invoice with { Paid = Usd(450) }, At).AmountPaid);
        Assert.Equal(0, InvoiceResponse.Of(Invoice with { Status = InvoiceStatus.Void }, At).AmountPaid);
        Assert.Equal(500, InvoiceResponse.Of(Invoice with { IsBalance = true, Payments = [] }, At).AmountPaid);
    }

    [Theory]
    [InlineData(InvoiceStatus.WrittenOff, "written_off")]
    [InlineData(InvoiceStatus.Cancelled, "cancelled")]
    [InlineData(InvoiceStatus.Open, "overdue")]
    public void Invoice_ShowsItsStatus(InvoiceStatus status, string shown) => Assert.Equal(shown, InvoiceResponse.Of(Invoice with { Status = status }, At).DisplayStatus);

    [Fact]
    public void Invoice_ThatIsWrittenOff_ShowsWhatIsLeft() => Assert.Equal(1500, InvoiceResponse.Of(Invoice with { Status = InvoiceStatus.WrittenOff }, At).AmountDue);

    [Fact]
    public void Invoice_ShowsPromoAndCreditNotes()
    {
        var shown = InvoiceResponse.Of(Invoice with { Promo = Usd(100), CreditNotes = [new CreditNote("CN-000001", Usd(300), "Outage", At)] }, At);
        Assert.Equal(100, shown.Promo);
        Assert.Equal([new CreditNoteResponse("CN-000001", 300, "Outage", At)], shown.CreditNotes);
    }

    private static Money Usd(long minorUnits) => new(minorUnits, Dollar);
}
