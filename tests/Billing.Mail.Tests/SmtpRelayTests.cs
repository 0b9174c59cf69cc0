using System.Text;
using Billing.Mail.Smtp;
using Billing.Testing;
using Xunit;

namespace Billing.Mail.Tests;

/// <summary>Real conversations over real sockets: what is proof, what is a refusal, and what is tried again.</summary>
public sealed class SmtpRelayTests : IAsyncDisposable
{
    private const string Mail = "Subject: Hello\r\n\r\nFirst\r\n.\r\n..two\r\n.three\r\n";

    private readonly SmtpServer _server = new();
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Send_AnHonestRelay_TakesTheMailAsItWasWritten()
    {
        var answer = await SendAsync("owner@example.com", "copy@example.com");

        Assert.Equal(new RelayAnswer(IsAccepted: true, "250 2.0.0"), answer);
        var taken = Assert.Single(_server.Taken);
        Assert.Equal(("billing@example.com", Mail), (taken.From, taken.Content));
        Assert.Equal(["owner@example.com", "copy@example.com"], taken.To);
        Assert.Equal("EHLO [127.0.0.1]", _server.Heard.First());
    }

    [Theory]
    [InlineData("550 5.1.1 No such user")]
    [InlineData("550 No such user")]
    [InlineData("553 Mailbox name not allowed")]
    [InlineData("552 5.2.2 Mailbox full")]
    [InlineData("550 5.4.4 Domain does not exist")]
    public async Task Send_OwnerRefusedForGood_IsRefusedWithoutTheData(string said)
    {
        _server.Says = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? said : null;

        Assert.False((await SendAsync("owner@example.com")).IsAccepted);
        Assert.DoesNotContain("DATA", _server.Heard);
    }

    [Theory]
    [InlineData("450 4.2.1 Try later")]
    [InlineData("451 Greylisted")]
    [InlineData("550 5.7.1 Relaying denied")]
    [InlineData("554 5.7.1 Relay access denied")]
    [InlineData("530 5.7.0 Authentication required")]
    public async Task Send_OwnerNotTakenNow_IsTriedAgainAndNobodyGetsACopy(string said)
    {
        _server.Says = line => line.StartsWith("RCPT TO:<owner", StringComparison.Ordinal) ? said : null;

        await Assert.ThrowsAsync<RelayException>(() => SendAsync("owner@example.com", "copy@example.com"));
        Assert.Empty(_server.Taken);
    }

    [Fact]
    public async Task Send_OwnerRefused_TheOthersStillGetTheirCopy()
    {
        _server.Says = line => line.StartsWith("RCPT TO:<owner", StringComparison.Ordinal) ? "550 5.1.1 No such user" : null;

        Assert.Equal(new RelayAnswer(IsAccepted: false, "550 5.1.1"), await SendAsync("owner@example.com", "copy@example.com"));
        Assert.Equal(["copy@example.com"], Assert.Single(_server.Taken).To);
    }

    [Fact]
    public async Task Send_ACopyRefused_DoesNotMatter()
    {
        _server.Says = line => line.StartsWith("RCPT TO:<copy", StringComparison.Ordinal) ? "550 5.1.1 No such user" : null;

        Assert.True((await SendAsync("owner@example.com", "copy@example.com")).IsAccepted);
        Assert.Equal(["owner@example.com"], Assert.Single(_server.Taken).To);
    }

    [Fact]
    public async Task Send_RelayDropsBeforeItsAnswer_NobodyKnows()
    {
        _server.OnMail = () => Task.FromResult(false);

        await Assert.ThrowsAsync<RelayException>(() => SendAsync("owner@example.com"));
        Assert.Single(_server.Taken);
    }

    [Fact]
    public async Task Send_RelayDropsAfterItsAnswer_IsAccepted()
    {
        _server.DropsAfterAnswer = true;

        Assert.True((await SendAsync("owner@example.com")).IsAccepted);
    }

    [Fact]
    public async Task Send_RelayIsDown_IsTriedAgain()
    {
        var port = _server.Port;
        await _server.DisposeAsync();

        await Assert.ThrowsAsync<RelayException>(() => new SmtpRelay(new MailOptions { Host = "127.0.0.1", Port = port, Tls = MailTls.None }, _time).SendAsync("a@example.com", ["b@example.com"], Mail, default));
    }

    [Fact]
    public async Task Send_RelayIsSilentAfterTheMail_GivesUpInTime()
    {
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.OnMail = async () =>
        {
            heard.SetResult();
            await Task.Delay(Timeout.Infinite, Stopped);
            return true;
        };
        var sending = SendAsync("owner@example.com");
        await heard.Task;

        // It may begin to wait for the answer only now: time passes until it has given up.
        await Eventually.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMinutes(10));
            return sending.IsCompleted;
        }, isOver => isOver, "It gives up");

        Assert.Contains("in time", (await Assert.ThrowsAsync<RelayException>(() => sending)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_GivenUpByTheCaller_Ends()
    {
        using var caller = new CancellationTokenSource();
        _server.OnMail = async () =>
        {
            await caller.CancelAsync();
            await Task.Delay(Timeout.Infinite, Stopped);
            return true;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Relay().SendAsync("a@example.com", ["b@example.com"], Mail, caller.Token));
    }

    [Theory]
    [InlineData("", "554 No service")]
    [InlineData("", "hello")]
    [InlineData("EHLO", "502 5.5.1 What?")]
    [InlineData("MAIL", "451 4.3.0 Later")]
    [InlineData("MAIL", "550 5.7.1 Sender not allowed")]
    [InlineData("DATA", "451 4.3.0 Later")]
    [InlineData("DATA", "354 Go on and then nothing")]
    [InlineData("RCPT", "9x9")]
    [InlineData("RCPT", "250")]
    public async Task Send_RelayMisbehaves_IsTriedAgain(string at, string said)
    {
        // A bare code is a whole reply (RFC 5321, 4.2); what comes after it goes wrong instead.
        _server.Says = line => at.Length == 0 ? line.Length == 0 ? said : null : line.StartsWith(at, StringComparison.Ordinal) ? said : said == "250" && line == "DATA" ? "421 4.3.2 Going down" : null;

        await Assert.ThrowsAsync<RelayException>(() => SendAsync("owner@example.com"));
    }

    [Fact]
    public async Task Send_RelayAnswersWithoutEnd_GivesUpInBoundedMemory()
    {
        _server.Says = line => line.StartsWith("EHLO", StringComparison.Ordinal) ? string.Join("\r\n", Enumerable.Repeat("250-more", 5_000)) : null;

        await Assert.ThrowsAsync<RelayException>(() => SendAsync("owner@example.com"));
    }

    [Fact]
    public async Task Send_RelayAnswersALineWithoutEnd_GivesUpInBoundedMemory()
    {
        _server.Says = line => line.StartsWith("EHLO", StringComparison.Ordinal) ? "250 " + new string('x', 100_000) : null;

        await Assert.ThrowsAsync<RelayException>(() => SendAsync("owner@example.com"));
    }

    [Fact]
    public async Task StartTls_NotOffered_NothingIsSent()
    {
        await Assert.ThrowsAsync<RelayException>(() => Relay(MailTls.StartTls).SendAsync("a@example.com", ["b@example.com"], Mail, default));
        Assert.DoesNotContain(_server.Heard, line => line.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task StartTls_CertificateThatNobodyVouchesFor_NothingIsSent()
    {
        using var certificate = SmtpServer.SelfSigned("localhost");
        (_server.Certificate, _server.Offers) = (certificate, ["STARTTLS"]);

        var failure = await Assert.ThrowsAsync<RelayException>(() => Relay(MailTls.StartTls).SendAsync("a@example.com", ["b@example.com"], Mail, default));
        Assert.Contains("certificate", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Taken);
    }

    [Theory]
    [InlineData(MailTls.StartTls, "PLAIN LOGIN")]
    [InlineData(MailTls.Implicit, "PLAIN")]
    [InlineData(MailTls.Implicit, "LOGIN")]
    public async Task Tls_LogsInOverIt(MailTls tls, string ways)
    {
        using var certificate = SmtpServer.SelfSigned("localhost");
        (_server.Certificate, _server.IsImplicit, _server.Offers) = (certificate, tls == MailTls.Implicit, ["STARTTLS", "AUTH " + ways]);
        if (ways == "LOGIN") _server.Says = line => line == "AUTH LOGIN" || line == Convert.ToBase64String("user"u8) ? "334 More" : line == Convert.ToBase64String("päss"u8) ? "235 2.7.0 Welcome" : null;

        Assert.True((await Relay(tls, "user", "päss", certificate).SendAsync("a@example.com", ["b@example.com"], Mail, default)).IsAccepted);
        var said = ways == "LOGIN" ? "AUTH LOGIN" : "AUTH PLAIN " + Convert.ToBase64String(Encoding.UTF8.GetBytes("\0user\0päss"));
        Assert.Contains(said, _server.Heard);
    }

    [Fact]
    public async Task Login_Refused_IsTriedAgainAndTellsNoPassword()
    {
        using var certificate = SmtpServer.SelfSigned("localhost");
        (_server.Certificate, _server.Offers) = (certificate, ["STARTTLS", "AUTH PLAIN"]);
        _server.Says = line => line.StartsWith("AUTH", StringComparison.Ordinal) ? "535 5.7.8 Bad credentials for user, secret" : null;

        var failure = await Assert.ThrowsAsync<RelayException>(() => Relay(MailTls.StartTls, "user", "secret", certificate).SendAsync("a@example.com", ["b@example.com"], Mail, default));
        Assert.Equal("The relay refused the login (535 5.7.8).", failure.Message);
    }

    [Theory]
    [InlineData("b@example.com>\r\nRCPT TO:<evil@example.com")]
    [InlineData("b@example.com\r\nDATA")]
    public async Task Send_AnAddressWithALineBreak_IsNeverSaid(string address)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => SendAsync(address));
        Assert.DoesNotContain(_server.Heard, line => line.StartsWith("RCPT", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    /// <summary>A wait that a test does not need to see the end of.</summary>
    private static CancellationToken Stopped => CancellationToken.None;

    private Task<RelayAnswer> SendAsync(params string[] recipients) => Relay().SendAsync("billing@example.com", recipients, Mail, default);

    private SmtpRelay Relay(MailTls tls = MailTls.None, string? user = null, string? password = null, System.Security.Cryptography.X509Certificates.X509Certificate2? authority = null) =>
        new(new MailOptions { Host = "localhost", Port = _server.Port, Tls = tls, User = user, Password = password }, _time, authority is null ? null : [authority]);
}
