using System.Text;
using Billing.Mail.Messages;
using Xunit;

namespace Billing.Mail.Tests;

/// <summary>What leaves has the headers that the service writes and no others, whoever wrote its parts.</summary>
public sealed class MailMessageTests
{
    private static readonly string[] Names = ["Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version", "Content-Type"];

    public static TheoryData<string> Injections =>
    [
        "Acme\r\nBcc: evil@example.com", "Acme\nBcc: evil@example.com", "Acme\rBcc: evil@example.com", "Acme\r\n\r\n<html>", "Acme\u2028Bcc: x", "Acme\u0085Bcc: x",
        "Acme\" <evil@example.com>, \"", "Acme\\\" <evil@example.com>", "<evil@example.com>", "Acme\0", "\u202Egnp.exe", "=?utf-8?B?QmNj?=", new string('ä', 2_000), "👩‍👩‍👧 Ünïcode", ".", "\r\n.\r\nMAIL FROM:<x>", "",
    ];

    [Theory]
    [MemberData(nameof(Injections))]
    public void Write_WhateverTheNameSays_NoHeaderAndNoRecipientIsAdded(string text)
    {
        var wire = Message(name: text).Write();

        Assert.Equal(Names, HeaderNames(wire));
        Assert.True(Ascii.IsValid(wire));
        Assert.DoesNotContain(wire.Split("\r\n"), line => line.Length > 998 || line.Contains('\n', StringComparison.Ordinal) || line.Contains('\r', StringComparison.Ordinal));
        var to = Header(wire, "To");
        Assert.EndsWith(text.Length == 0 ? "owner@example.com" : "<owner@example.com>", to, StringComparison.Ordinal);
        Assert.Equal(1, Outside(to).Count(c => c == '@'));
        Assert.DoesNotContain(',', Outside(to));
    }

    [Theory]
    [MemberData(nameof(Injections))]
    public void Write_WhateverTheSubjectSays_ItStaysOneHeader(string text)
    {
        var wire = Message(subject: text).Write();

        Assert.Equal(Names, HeaderNames(wire));
        Assert.True(Ascii.IsValid(wire));
        Assert.Equal(HeaderText.Clean(text), Decoded(Header(wire, "Subject")));
    }

    [Theory]
    [MemberData(nameof(Injections))]
    public void Write_WhateverTheTextSays_ItComesBackWhole(string text)
    {
        var wire = Message(text: text + "\nend =20 \n").Write();
        var body = wire[(wire.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

        Assert.True(Ascii.IsValid(body));
        Assert.All(body.Split("\r\n"), line => Assert.InRange(line.Length, 0, 76));
        Assert.Equal((text + "\nend =20 ").ReplaceLineEndings("\r\n") + "\r\n", UnQuoted(body));
    }

    [Theory]
    [InlineData("owner@example.com", "owner@example.com")]
    [InlineData("o'brien+x=y@sub.example.com", "o'brien+x=y@sub.example.com")]
    [InlineData("owner@bücher.example", "owner@xn--bcher-kva.example")]
    [InlineData("öwner@example.com", null)]
    [InlineData("owner@example.com\r\nBcc: x@example.com", null)]
    [InlineData("owner@example.com\n", null)]
    [InlineData("owner@[127.0.0.1]", null)]
    [InlineData("\"a b\"@example.com", null)]
    [InlineData("a@b@example.com", null)]
    [InlineData("a.@example.com", null)]
    [InlineData(".a@example.com", null)]
    [InlineData("a@-example.com", null)]
    [InlineData("a@example..com", null)]
    [InlineData("a>@example.com", null)]
    [InlineData("@example.com", null)]
    [InlineData("a@", null)]
    [InlineData("", null)]
    public void Address_OnlyThePlainForm_GoesOnAnEnvelope(string text, string? address) => Assert.Equal(address, Mailbox.ParseAddress(text));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Address_TheLocalPart_HasABound(int length, bool isTaken) => Assert.Equal(isTaken, Mailbox.ParseAddress(new string('a', length) + "@example.com") is not null);

    [Theory]
    [InlineData("Example Ltd <billing@example.com>", "Example Ltd", "billing@example.com")]
    [InlineData("\"Example, Ltd\" <billing@example.com>", "Example, Ltd", "billing@example.com")]
    [InlineData("billing@example.com", "", "billing@example.com")]
    public void Mailbox_WithOrWithoutAName_IsRead(string text, string name, string address) => Assert.Equal(new Mailbox(name, address), Mailbox.Parse(text));

    [Theory]
    [InlineData("acme~notice~7", "acme~notice~7@example.com")]
    [InlineData("a.b:c..d.~notice~7", "a=2Eb=3Ac=2E=2Ed=2E~notice~7@example.com")]
    public void MessageId_IsMadeOfTheNoticesId(string notice, string id) => Assert.Equal(id, MailMessage.IdOf(notice, "example.com"));

    [Fact]
    public void Write_TextAndHtml_AreAlternativesOfOneMail()
    {
        var wire = (Message() with { Html = "<p>Grüße</p>", ReplyTo = new Mailbox("", "support@example.com") }).Write();

        Assert.Equal("support@example.com", Header(wire, "Reply-To"));
        var boundary = Header(wire, "Content-Type").Split('"')[1];
        Assert.Equal(3, wire.Split("--" + boundary).Length - 1);
        Assert.EndsWith($"--{boundary}--\r\n", wire, StringComparison.Ordinal);
        Assert.Contains("<p>Gr=C3=BC=C3=9Fe</p>", wire, StringComparison.Ordinal);
        Assert.Equal("Fri, 06 Mar 2026 09:30:00 +0000", Header(wire, "Date"));
        Assert.Equal("auto-generated", Header(wire, "Auto-Submitted"));
    }

    private static MailMessage Message(string name = "Acme Ltd", string subject = "Hello", string text = "Hello\n") => new()
    {
        From = new Mailbox("Example Ltd", "billing@example.com"),
        To = [new Mailbox(name, "owner@example.com")],
        MessageId = "acme~notice~1@example.com",
        Date = Instant.FromUtc(2026, 3, 6, 9, 30),
        Language = "en",
        Subject = subject,
        Text = text,
    };

    private static string Head(string wire) => wire[..wire.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Replace("\r\n ", " ", StringComparison.Ordinal);

    private static IEnumerable<string> HeaderNames(string wire) => Head(wire).Split("\r\n").Select(line => line.Split(':')[0]).Where(name => name != "Content-Transfer-Encoding");

    private static string Header(string wire, string name) => Head(wire).Split("\r\n").First(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Trim();

    /// <summary>What stands outside of quoted strings, where an address or a comma means something.</summary>
    private static string Outside(string header)
    {
        var outside = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < header.Length; i++)
        {
            if (isQuoted && header[i] == '\\') i++;
            else if (header[i] == '"') isQuoted = !isQuoted;
            else if (!isQuoted) outside.Append(header[i]);
        }

        return outside.ToString();
    }

    private static string Decoded(string header) => string.Concat(
        header.Split(' ').All(word => word.StartsWith("=?utf-8?B?", StringComparison.Ordinal))
            ? header.Split(' ').Select(word => Encoding.UTF8.GetString(Convert.FromBase64String(word["=?utf-8?B?".Length..^2])))
            : [header]);

    private static string UnQuoted(string body)
    {
        var bytes = new List<byte>();
        var joined = body.Replace("=\r\n", "", StringComparison.Ordinal);
        for (var i = 0; i < joined.Length; i++)
        {
            if (joined[i] == '=')
            {
                bytes.Add(Convert.ToByte(joined.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                bytes.Add((byte)joined[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
