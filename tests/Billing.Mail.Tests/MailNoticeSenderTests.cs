using Billing.Mail.Messages;
using Billing.Mail.Sending;
using Billing.Mail.Smtp;
using Billing.Mail.Storage;
using Billing.Mail.Templates;
using Billing.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Billing.Mail.Tests;

/// <summary>From a notice to a relay's answer: written once, sent at least once, the same each time.</summary>
public sealed class MailNoticeSenderTests : IAsyncDisposable
{
    private static readonly TemplateFolder Templates = TemplateFolder.Read(own: null);

    private readonly SmtpServer _server = new();
    private readonly MemoryMailStore _store = new();
    private readonly Logged _log = new();

    [Fact]
    public async Task Send_IsOneMailToTheOwnerWithCopiesOnTheEnvelopeAlone()
    {
        var outcome = await Sender().SendAsync(Notice(), default);

        Assert.NotNull(outcome.AcceptedAt);
        var taken = Assert.Single(_server.Taken);
        Assert.Equal(["owner@example.com", "copy@example.com"], taken.To);
        Assert.Equal("\"Acme Ltd\" <owner@example.com>", taken.Header("To"));
        Assert.Equal("<acme~notice~7@example.com>", taken.Header("Message-ID"));
        Assert.Equal("\"Example Ltd\" <billing@example.com>", taken.Header("From"));
        Assert.DoesNotContain("copy@example.com", taken.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_RelayDropsBeforeItsAnswer_TheSameMailIsSentAgain()
    {
        var sender = Sender();
        _server.OnMail = () => Task.FromResult(_server.Taken.Count > 1);
        await Assert.ThrowsAsync<RelayException>(() => sender.SendAsync(Notice(), default));

        // Meanwhile other facts: what the notice says is what it said.
        var later = Notice() with { Notice = Notice().Notice with { Facts = new NoticeFacts { Kind = NoticeKind.Standing, Standing = "worse" } } };
        Assert.NotNull((await sender.SendAsync(later, default)).AcceptedAt);

        var taken = _server.Taken.ToArray();
        Assert.Equal(2, taken.Length);
        Assert.Equal(taken[0].Content, taken[1].Content);
    }

    [Fact]
    public async Task Send_AcceptedAndTheAnswerLostOnOurSide_IsNotSentTwice()
    {
        var first = await Sender().SendAsync(Notice(), default);
        var again = await Sender().SendAsync(Notice(), default);

        Assert.Equal(first, again);
        Assert.Single(_server.Taken);
    }

    [Fact]
    public async Task Send_OwnerRefused_IsToldOnceAndNotTriedAgain()
    {
        _server.Says = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 <owner@example.com>: no such user" : null;
        var outcome = await Sender().SendAsync(Notice(), default);
        await Sender().SendAsync(Notice(), default);

        Assert.Equal(new NoticeOutcome(null, "550 5.1.1"), outcome);
        Assert.Single(_server.Heard, line => line.StartsWith("RCPT TO:<owner", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Send_AgainBecauseItCameBack_GoesToTheNewOwnerAlone()
    {
        await Sender().SendAsync(Notice(), default);
        var again = new NoticeDelivery(Notice().Notice with { Sending = 1 }, Notice().Recipient with { Emails = ["new@example.com", "copy@example.com"] });
        Assert.NotNull((await Sender().SendAsync(again, default)).AcceptedAt);

        var taken = _server.Taken.ToArray();
        Assert.Equal(["new@example.com"], taken[1].To);
        Assert.Equal(taken[0].Header("Message-ID"), taken[1].Header("Message-ID"));
        Assert.Equal(["new@example.com"], Assert.Single(await _store.ListAsync("acme", 10, null)).Recipients);
    }

    [Theory]
    [InlineData("öwner@example.com")]
    [InlineData("owner@example.com\r\nRCPT TO:<evil@example.com>")]
    public async Task Send_AnAddressThatNoRelayCanBeGiven_IsRefused(string address)
    {
        var notice = Notice() with { Recipient = Notice().Recipient with { Emails = [address] } };

        Assert.Null((await Sender().SendAsync(notice, default)).AcceptedAt);
        Assert.Empty(_server.Heard);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Send_ToATestAccountOrWithoutARelay_IsKeptAndCountsAsAccepted(bool isTest, bool hasRelay)
    {
        var notice = Notice() with { Recipient = Notice().Recipient with { Test = isTest } };
        Assert.NotNull((await Sender(hasRelay).SendAsync(notice, default)).AcceptedAt);

        Assert.Empty(_server.Heard);
        var kept = Assert.Single(await _store.ListAsync("acme", 10, null));
        Assert.True(kept is { IsCaptured: true, AcceptedAt: not null });
    }

    [Fact]
    public async Task Send_AtMostSoManyAtOnce()
    {
        var (now, most, gate) = (0, 0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.OnMail = async () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            if (now == 2) both.TrySetResult();
            await gate.Task;
            Interlocked.Decrement(ref now);
            return true;
        };
        var sender = Sender(maxInFlight: 2);
        var sent = Enumerable.Range(1, 6).Select(i => sender.SendAsync(Notice() with { Notice = Notice().Notice with { Id = $"acme~notice~{i}" } }, default)).ToArray();
        await both.Task;
        gate.SetResult();
        await Task.WhenAll(sent);

        Assert.Equal(2, most);
    }

    [Fact]
    public async Task Send_GivenUpWhileItWaitsForItsTurn_SendsNothing()
    {
        using var caller = new CancellationTokenSource();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.OnMail = async () =>
        {
            first.TrySetResult();
            await gate.Task;
            return true;
        };
        var sender = Sender(maxInFlight: 1);
        var one = sender.SendAsync(Notice(), default);
        await first.Task;
        var two = sender.SendAsync(Notice() with { Notice = Notice().Notice with { Id = "acme~notice~8" } }, caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);
        gate.SetResult();
        await one;

        Assert.Single(_server.Taken);
    }

    [Fact]
    public async Task Send_WhateverGoesWrong_NoAddressAndNoTextIsLogged()
    {
        _server.Says = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.2.1 <owner@example.com> later" : null;
        await Assert.ThrowsAsync<RelayException>(() => Sender().SendAsync(Notice(), default));
        _server.Says = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 <owner@example.com> gone" : null;
        await Sender().SendAsync(Notice(), default);

        Assert.Equal(2, _log.Lines.Count);
        Assert.All(_log.Lines, line =>
        {
            Assert.DoesNotContain("@", line, StringComparison.Ordinal);
            Assert.DoesNotContain("Acme", line, StringComparison.Ordinal);
        });
    }

    [Theory]
    [MemberData(nameof(MailMessageTests.Injections), MemberType = typeof(MailMessageTests))]
    public async Task Send_WhateverAnAccountAndItsInvoicesAreCalled_HasOneRecipientAndNoOtherHeader(string text)
    {
        var notice = NoticeSamples.Full("invoice", "en");
        var document = notice.Notice.Facts!.Document! with { Lines = [new InvoiceLine(text, 100)] };
        var named = new NoticeDelivery(
            notice.Notice with { Facts = notice.Notice.Facts with { Document = document, Message = text } }, notice.Recipient with { Name = text, Emails = ["owner@example.com"] });
        await Sender().SendAsync(named, default);

        var taken = Assert.Single(_server.Taken);
        Assert.Equal(["owner@example.com"], taken.To);
        Assert.Equal(["Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version", "Content-Type"], taken.Headers.Select(header => header.Name));
    }

    [Fact]
    public async Task Send_WithAPayLink_EachTryCarriesTheSame_AndWhatIsKeptDoesNot()
    {
        var links = new Links();
        var sender = Sender(links: links);
        _server.OnMail = () => Task.FromResult(_server.Taken.Count > 1);
        await Assert.ThrowsAsync<RelayException>(() => sender.SendAsync(Notice(), default));
        await sender.SendAsync(Notice(), default);

        Assert.Equal(2, _server.Taken.Count);
        // Without the soft line breaks of quoted-printable: once in the text, twice in the HTML.
        Assert.All(_server.Taken, mail => Assert.Equal(4, mail.Content.Replace("=\r\n", "", StringComparison.Ordinal).Split(Links.Token).Length));
        Assert.All(_server.Taken, mail => Assert.DoesNotContain("~token~", mail.Content, StringComparison.Ordinal));
        Assert.Equal(["acme~notice~7"], links.Made);
        var kept = (await _store.FindAsync("acme~notice~7", default))!;
        Assert.Contains(Links.Root + "~token~", kept.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Links.Token, kept.Text + kept.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(_log.Lines, line => line.Contains(Links.Token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Send_OfWhatIsKept_ShowsTheLink()
    {
        await Sender(hasRelay: false, links: new Links()).SendAsync(Notice(), default);
        Assert.Contains(Links.Root + Links.Token, (await _store.FindAsync("acme~notice~7", default))!.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("past_due", false, null)]
    [InlineData("past_due", true, "https://example.com/pay/{account}")]
    [InlineData("receipt", true, null)]
    public async Task Send_WhereNothingIsDue_OrTheOperatorHasAPage_OrNobodyAsksForMoney_HasNoLink(string notice, bool isDue, string? payUrl)
    {
        var links = new Links { IsDue = isDue };
        var delivery = NoticeSamples.Full(notice, "en");
        await Sender(links: links, payUrl: payUrl).SendAsync(delivery, default);

        var kept = (await _store.FindAsync("acme~notice~7", default))!;
        Assert.DoesNotContain("~token~", kept.Text + kept.Html, StringComparison.Ordinal);
        Assert.Empty(links.Made);
        if (payUrl is not null) Assert.Contains("https://example.com/pay/acme", kept.Text, StringComparison.Ordinal);
        else if (notice == "past_due") Assert.Contains("sign in", kept.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_WhereTheLinkCannotBeMadeNow_WaitsForIt()
    {
        var links = new Links { Fails = true };
        await Assert.ThrowsAsync<TimeoutException>(() => Sender(links: links).SendAsync(Notice(), default));
        Assert.Null(await _store.FindAsync("acme~notice~7", default));
        Assert.Empty(_server.Taken);
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private MailNoticeSender Sender(bool hasRelay = true, int maxInFlight = 8, INoticeLinks? links = null, string? payUrl = null)
    {
        var options = new MailOptions { Host = hasRelay ? "127.0.0.1" : null, Port = _server.Port, Tls = MailTls.None, From = "Example Ltd <billing@example.com>", MaxInFlight = maxInFlight, PayUrl = payUrl };
        return new MailNoticeSender(options, new MailWriter(options, Templates, NullLogger<MailWriter>.Instance), links ?? new NoNoticeLinks(), _store, new SmtpRelay(options, TimeProvider.System), TimeProvider.System, _log);
    }

    private static NoticeDelivery Notice()
    {
        var full = NoticeSamples.Full("past_due", "en");
        return full with { Recipient = full.Recipient with { Emails = ["owner@example.com", "copy@example.com"] } };
    }

    /// <summary>Links of a service at <see cref="Root"/>.</summary>
    private sealed class Links : INoticeLinks
    {
        public const string Root = "https://billing.example.com/v1/pay/";
        public const string Token = "AAAAAAAAAAAAAAAAAAAAAA";

        public bool IsDue { get; init; } = true;

        public bool Fails { get; init; }

        public List<string> Made { get; } = [];

        public string Place => Root + "~token~";

        public Task<bool> MakeAsync(NoticeDelivery delivery)
        {
            if (Fails) throw new TimeoutException("The account does not answer.");
            if (IsDue) Made.Add(delivery.Notice.Id);
            return Task.FromResult(IsDue);
        }

        public string Fill(string text, string notice) => text.Replace(Place, Root + Token, StringComparison.Ordinal);
    }

    private sealed class Logged : ILogger<MailNoticeSender>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception) + exception);
    }
}
