namespace Billing.Mail.Templates;

/// <summary>A notice that says everything: what templates are tried with.</summary>
internal static class NoticeSamples
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 6, 9, 30);

    /// <summary>One that says everything.</summary>
    public static NoticeDelivery Full(string notice, string? locale, string currency = "EUR")
    {
        Money Amount(long minorUnits) => new(minorUnits, Currency.Parse(currency));
        var invoice = new NoticeInvoice("inv-2026-03", "INV-000042", Now - Duration.FromDays(5), Amount(142_68));
        var facts = new NoticeFacts
        {
            Kind = NoticeKind.Standing,
            At = Now,
            Standing = "past_due",
            Message = "You cannot add or modify subscriptions or services until the outstanding balance is paid.",
            Unpaid = Amount(171_68),
            Invoices = [new NoticeInvoice("inv-2026-02", "INV-000041", Now - Duration.FromDays(33), Amount(29_00)), invoice],
            InvoicesLeftOut = 3,
            Next = new NoticeStep("deleted", Now + Duration.FromDays(3), Deletes: true, PowersDown: true),
            NextAttemptAt = Now + Duration.FromDays(1),
            CancelAt = Now + Duration.FromDays(2),
            Invoice = invoice,
            Method = new NoticeMethod(MethodKind.Card, "visa", "4242"),
            Code = "insufficient_funds",
            Document = new NoticeDocument
            {
                IssuedAt = Now,
                Lines = [new InvoiceLine("Pro plan, March 2026", 99_00), new InvoiceLine("Additional seats", 30_00, 3)],
                Net = Amount(129_00),
                Promo = Amount(10_00),
                Tax = Amount(23_68),
                Total = Amount(142_68),
                ChargedAt = Now + Duration.FromDays(1),
            },
            Payment = new NoticePayment("acme~pay~1", Now, Amount(150_00), [invoice], Amount(7_32)),
        };
        return new NoticeDelivery(
            new SendNotice("acme~notice~7", "acme", notice, facts),
            new AccountProfile { Id = "acme", Name = "Acme Ltd", Emails = ["owner@acme.example"], Locale = locale, TimeZone = "Europe/Vienna" });
    }
}
