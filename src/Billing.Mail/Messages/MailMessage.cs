using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Billing.Mail.Messages;

/// <summary>A mail as it is kept and sent. Whoever wrote its parts, what leaves has the headers that are written here and no others.</summary>
public sealed record MailMessage
{
    /// <summary>Who writes.</summary>
    public required Mailbox From { get; init; }

    /// <summary>Where answers go, where that is elsewhere.</summary>
    public Mailbox? ReplyTo { get; init; }

    /// <summary>For whom it is: the owner first.</summary>
    public required IReadOnlyList<Mailbox> To { get; init; }

    /// <summary>Its name for ever, without angle brackets.</summary>
    public required string MessageId { get; init; }

    /// <summary>When it was written.</summary>
    public required Instant Date { get; init; }

    /// <summary>The language of its text.</summary>
    public required string Language { get; init; }

    /// <summary>The subject.</summary>
    public required string Subject { get; init; }

    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>The same as HTML, where there is a template for it.</summary>
    public string? Html { get; init; }

    /// <summary>The <c>Message-ID</c> of a notice: the same at each retry, and readable back into the notice's id.</summary>
    /// <remarks>What an <c>id-left</c> (RFC 5322, 3.6.4) cannot hold of our ids is written as <c>=XX</c>.</remarks>
    public static string IdOf(string notice, string domain)
    {
        var id = new StringBuilder(notice.Length + domain.Length + 1);
        foreach (var c in notice)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '~' or '-' or '_') id.Append(c);
            else id.Append(CultureInfo.InvariantCulture, $"={(int)c:X2}");
        }

        return id.Append('@').Append(domain).ToString();
    }

    /// <summary>The message as a relay takes it (RFC 5322, MIME), lines ended by CRLF.</summary>
    public string Write()
    {
        var wire = new StringBuilder(4096);
        void Header(string name, string value) => wire.Append(name).Append(": ").Append(value).Append("\r\n");

        Header("Date", Date.InUtc().ToString("ddd, dd MMM uuuu HH:mm:ss '+0000'", CultureInfo.InvariantCulture));
        Header("From", Of(From));
        if (ReplyTo is { } reply) Header("Reply-To", Of(reply));
        Header("To", string.Join(",\r\n ", To.Select(Of)));
        Header("Subject", HeaderText.Encode(Subject));
        Header("Message-ID", $"<{MessageId}>");
        // RFC 3834: nobody's holiday answers it.
        Header("Auto-Submitted", "auto-generated");
        Header("Content-Language", Language);
        Header("MIME-Version", "1.0");
        if (Html is null)
        {
            Part("text/plain", Text);
            return wire.ToString();
        }

        var boundary = "=_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(MessageId)))[..32];
        Header("Content-Type", $"multipart/alternative; boundary=\"{boundary}\"");
        wire.Append("\r\n");
        // A quoted-printable line never begins with the boundary: "=" in it is always written as "=3D".
        foreach (var (type, body) in new[] { ("text/plain", Text), ("text/html", Html) })
        {
            wire.Append("--").Append(boundary).Append("\r\n");
            Part(type, body);
        }

        return wire.Append("--").Append(boundary).Append("--\r\n").ToString();

        void Part(string type, string body)
        {
            Header("Content-Type", $"{type}; charset=utf-8");
            Header("Content-Transfer-Encoding", "quoted-printable");
            wire.Append("\r\n").Append(QuotedPrintable.Encode(body));
        }
    }

    private static string Of(Mailbox mailbox) => mailbox.Name.Length == 0 ? mailbox.Address : $"{HeaderText.Phrase(mailbox.Name)} <{mailbox.Address}>";
}
