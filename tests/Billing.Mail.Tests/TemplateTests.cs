using System.Text.RegularExpressions;
using Billing.Mail.Templates;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Billing.Mail.Tests;

/// <summary>The shipped texts, an operator's own, and which of them a notice gets.</summary>
public sealed partial class TemplateTests : IDisposable
{
    private static readonly TemplateFolder Shipped = TemplateFolder.Read(own: null);

    private readonly string _own = Directory.CreateTempSubdirectory("billing-templates").FullName;

    /// <summary>Every notice that the product or a shipped policy names.</summary>
    public static TheoryData<string> Notices =>
        ["attempt_failed", "recovered", "before_due", "past_due", "overdue", "suspended", "deletion_warning", "deleted", "invoice", "receipt", "standing", "warning", "notice"];

    [Theory]
    [MemberData(nameof(Notices))]
    public void Shipped_EveryNotice_ReadsWellInEveryLanguage(string notice)
    {
        foreach (var locale in new[] { "en", "de" })
        {
            var mail = Write(NoticeSamples.Full(notice, locale));
            if (Environment.GetEnvironmentVariable("MAIL_SAMPLES") is { Length: > 0 } folder)
            {
                File.WriteAllText(Path.Combine(folder, $"{locale}-{notice}.html"), mail.Html);
                File.WriteAllText(Path.Combine(folder, $"{locale}-{notice}.txt"), mail.Subject + "\n\n" + mail.Text);
            }

            Assert.Equal(locale, mail.Language);
            Assert.InRange(mail.Subject.Length, 10, 120);
            Assert.NotNull(mail.Html);
            foreach (var text in new[] { mail.Subject, mail.Text, mail.Html })
            {
                Assert.DoesNotContain("{", text, StringComparison.Ordinal);
                Assert.DoesNotContain("\n\n\n", text.Trim(), StringComparison.Ordinal);
            }

            Assert.Contains("Acme Ltd", mail.Text, StringComparison.Ordinal);
            Assert.Contains("Example Ltd", mail.Html, StringComparison.Ordinal);
            // A mail is not a web page: nothing of it is loaded from anywhere.
            Assert.DoesNotMatch(Loaded(), mail.Html);
        }
    }

    [Theory]
    [InlineData("en", "€171.68", "6 March 2026", "9 March 2026, 10:30 CET")]
    [InlineData("en-US", "€171.68", "March 6, 2026", "March 9, 2026, 10:30 CET")]
    [InlineData("de-AT", "171,68\u00a0€", "6. März 2026", "9. März 2026, 10:30 Uhr (CET)")]
    [InlineData("fr-FR", "€171.68", "6 March 2026", "9 March 2026, 10:30 CET")]
    [InlineData(null, "€171.68", "6 March 2026", "9 March 2026, 10:30 CET")]
    public void Write_AmountsAndDates_AreTheReaders(string? locale, string amount, string date, string moment)
    {
        var mail = Write(NoticeSamples.Full("suspended", locale));

        foreach (var part in new[] { amount, date, moment }) Assert.Contains(part, mail.Text, StringComparison.Ordinal);
        foreach (var part in new[] { amount, date, moment }) Assert.Contains(part, mail.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "JPY", 1_234_567, "¥1,234,567")]
    [InlineData("en", "BHD", 1_234_567, "1,234.567 BHD")]
    [InlineData("en", "USD", 5, "$0.05")]
    [InlineData("en", "USD", 100_000_00, "$100,000.00")]
    [InlineData("en", "USD", -1_50, "−$1.50")]
    [InlineData("de", "CHF", 1_234_50, "1.234,50\u00a0CHF")]
    [InlineData("de", "ISK", 0, "0\u00a0ISK")]
    public void Money_OfEachExponent_IsWrittenAsTheLanguageDoes(string locale, string currency, long minorUnits, string text) =>
        Assert.Equal(text, Shipped.Find(locale, ["notice"]).First().Locale.Money(new Money(minorUnits, Currency.Parse(currency))));

    [Theory]
    [InlineData("welcome_back", NoticeKind.Recovered, "good standing again")]
    [InlineData("last_call", NoticeKind.Warning, "needs your attention")]
    [InlineData("locked", NoticeKind.Standing, "is now past due")]
    [InlineData("bill", NoticeKind.Invoice, "Invoice INV-000042")]
    public void Write_ANoticeWithoutATemplate_GetsThatOfItsKind(string notice, NoticeKind kind, string subject)
    {
        var full = NoticeSamples.Full(notice, "en");
        var mail = Write(full with { Notice = full.Notice with { Facts = full.Notice.Facts! with { Kind = kind } } });

        Assert.Contains(subject, mail.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ATemplateThatNeedsFactsWhichTheNoticeHasNot_TakesTheNextThatFits()
    {
        var full = NoticeSamples.Full("invoice", "en");
        var mail = Write(full with { Notice = full.Notice with { Facts = new NoticeFacts { Kind = NoticeKind.Standing, At = Instant.FromUtc(2026, 3, 6, 0, 0) } } });

        Assert.Contains("in good standing", mail.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ANoticeFromBeforeFactsWereTold_IsStillWritten() =>
        Assert.NotEmpty(Write(NoticeSamples.Full("past_due", "en") with { Notice = new SendNotice("acme~notice~1", "acme", "past_due") }).Text);

    [Fact]
    public void Html_WhateverAFactSays_IsTextThereAndNoMarkup()
    {
        const string Evil = "<script>alert('x')</script>&\"";
        var full = NoticeSamples.Full("invoice", "en");
        var facts = full.Notice.Facts! with { Document = full.Notice.Facts.Document! with { Lines = [new InvoiceLine(Evil + "{{account}}", 1)] } };
        var mail = Write(new NoticeDelivery(full.Notice with { Facts = facts }, full.Recipient with { Name = Evil }));

        Assert.DoesNotContain("<script", mail.Html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;", mail.Html, StringComparison.Ordinal);
        Assert.Contains(Evil + "{{account}}", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void PayUrl_NamesTheAccount_AndIsOnEachMailThatAsksForMoney()
    {
        var mail = Write(NoticeSamples.Full("past_due", "en"), options => options.PayUrl = "https://pay.example.com/{account}?a=b&c=d");

        Assert.Contains("https://pay.example.com/acme?a=b&c=d", mail.Text, StringComparison.Ordinal);
        Assert.Contains("href=\"https://pay.example.com/acme?a&#x3D;b&amp;c&#x3D;d\"", mail.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Own_GoBeforeTheShipped_FileByFile()
    {
        Own("en/past_due.txt", "Subject: Ours {{unpaid}}\n\nPay, {{name}}.\n");
        Own("fr/past_due.txt", "Subject: À payer : {{unpaid}}\n\nBonjour.\n");
        Own("fr/locale.json", """{"decimal": ",", "group": " ", "money": "{number} {symbol}"}""");
        var templates = TemplateFolder.Read(_own);
        Check(templates);

        Assert.Equal("Ours €171.68", Write(NoticeSamples.Full("past_due", "en"), templates: templates).Subject);
        Assert.Equal("À payer : 171,68 €", Write(NoticeSamples.Full("past_due", "fr-CA"), templates: templates).Subject);
        Assert.Contains("suspended", Write(NoticeSamples.Full("suspended", "fr-CA"), templates: templates).Subject, StringComparison.Ordinal);
        Assert.Null(Write(NoticeSamples.Full("past_due", "fr"), templates: templates).Html);
    }

    [Theory]
    [InlineData("en/past_due.txt", "Hello\n", "does not begin with a line")]
    [InlineData("en/past_due.txt", "Subject: Hello {{nane}}\n\nText\n", "nane")]
    [InlineData("en/past_due.txt", "Subject: Hello\n\n{{#if unpaid}}\n", "past_due.txt")]
    [InlineData("en/_pay.html", "{{#if pay_url}}", "_pay.html")]
    [InlineData("en/locale.json", "{\"months\": [\"January\"]}", "locale.json")]
    [InlineData("en/locale.json", "[]", "locale.json")]
    public void Own_ThatCannotBeUsed_IsSaidAtStart(string file, string text, string said)
    {
        Own(file, text);

        Assert.Contains(said, Assert.Throws<TemplateException>(() => Check(TemplateFolder.Read(_own))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_own, recursive: true);

    private void Own(string file, string text)
    {
        var path = Path.Combine(_own, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static void Check(TemplateFolder templates) => new MailWriter(new MailOptions(), templates, NullLogger<MailWriter>.Instance).Check();

    private static MailText Write(NoticeDelivery delivery, Action<MailOptions>? with = null, TemplateFolder? templates = null)
    {
        var options = new MailOptions { From = "Example Ltd <billing@example.com>", Footer = "Example Ltd, 1 Example Street, Exampletown\nVAT EX123456789" };
        with?.Invoke(options);
        return new MailWriter(options, templates ?? Shipped, NullLogger<MailWriter>.Instance).Write(delivery);
    }

    [GeneratedRegex("<(img|script|link|iframe)|url\\(|@import", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Loaded();
}
