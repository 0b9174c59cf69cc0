using Xunit;

namespace Billing.Mail.Tests;

/// <summary>What is wrong with the settings is said in one sentence, at start.</summary>
public sealed class MailOptionsTests
{
    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "Billing:Mail:Host is not set")]
    public void NoRelay_OnlyWhereMailMayBeKept(bool mayKeep, string? problem) => Says(problem, new MailOptions().Problem(mayKeep));

    [Theory]
    [InlineData(MailTls.StartTls, 587)]
    [InlineData(MailTls.Implicit, 465)]
    [InlineData(MailTls.None, 25)]
    public void Port_HasTheUsualDefault(MailTls tls, int port) => Assert.Equal(port, new MailOptions { Tls = tls }.EffectivePort);

    [Fact]
    public void WhatIsWrong_IsNamed()
    {
        Says(null, Fine().Problem(false));
        Says("Billing:Mail:From", With(options => options.From = null));
        Says("Billing:Mail:From", With(options => options.From = "Example\r\nBcc: x <a@example.com>, b"));
        Says("Billing:Mail:ReplyTo", With(options => options.ReplyTo = "nobody"));
        Says("Billing:Mail:Port", With(options => options.Port = 0));
        Says(null, With(options => options.Port = 65_535));
        Says("Billing:Mail:Port", With(options => options.Port = 65_536));
        Says("Billing:Mail:Tls", With(options => (options.User, options.Password, options.Tls) = ("u", "p", MailTls.None)));
        Says("Billing:Mail:Password", With(options => options.User = "u"));
        Says("Billing:Mail:PayUrl", With(options => options.PayUrl = "javascript:alert(1)"));
        Says(null, With(options => options.LinkSecret = new string('s', 32)));
        Says("Billing:Mail:LinkSecret needs at least 32 characters", With(options => options.LinkSecret = new string('s', 31)));
        Says(null, With(options => options.PayUrl = "https://example.com/pay/{account}"));
        Says(null, With(options => options.Timeout = TimeSpan.FromSeconds(1)));
        Says("Billing:Mail:Timeout", With(options => options.Timeout = TimeSpan.FromMilliseconds(999)));
        Says("Billing:Mail:Timeout", With(options => options.Timeout = TimeSpan.FromMinutes(11)));
        Says(null, With(options => options.MaxInFlight = 100));
        Says("Billing:Mail:MaxInFlight", With(options => options.MaxInFlight = 101));
        Says("Billing:Mail:MaxInFlight", With(options => options.MaxInFlight = 0));
        Says("Billing:Mail:KeepFor", With(options => options.KeepFor = TimeSpan.FromDays(29)));
        Says("Billing:Mail:Templates", With(options => options.Templates = "/nowhere/at/all"));
    }

    private static MailOptions Fine() => new() { Host = "relay.example.com", From = "billing@example.com" };

    private static string? With(Action<MailOptions> change)
    {
        var options = Fine();
        change(options);
        return options.Problem(false);
    }

    private static void Says(string? expected, string? problem)
    {
        if (expected is null) Assert.Null(problem);
        else Assert.Contains(expected, problem, StringComparison.Ordinal);
    }
}
