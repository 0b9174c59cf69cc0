using Billing.Grains.Interfaces.Index;
using Billing.Mail.Messages;
using Billing.Mail.Smtp;
using Billing.Mail.Storage;
using Billing.Mail.Templates;
using Microsoft.Extensions.Logging;

namespace Billing.Mail.Sending;

/// <summary>
/// Sends notices as mail: written once and kept, then given to the relay until it has answered for good. What it has
/// answered is kept too, so that a crash right after it sends nothing twice.
/// </summary>
internal sealed partial class MailNoticeSender(MailOptions options, MailWriter writer, INoticeLinks links, IMailStore store, IMailRelay relay, TimeProvider time, ILogger<MailNoticeSender> logger)
    : INoticeSender, IDisposable
{
    /// <summary>What is said of an address that no relay can be given.</summary>
    private const string NoAddress = "553 5.1.3";

    private readonly SemaphoreSlim _places = new(options.MaxInFlight, options.MaxInFlight);

    /// <inheritdoc />
    public async Task<NoticeOutcome> SendAsync(NoticeDelivery delivery, CancellationToken cancellationToken)
    {
        var (notice, recipient) = (delivery.Notice, delivery.Recipient);
        var mail = await store.FindAsync(notice.Id, cancellationToken) ?? await store.AddAsync(await WriteAsync(delivery), cancellationToken);
        if (mail.Sending >= notice.Sending) return new NoticeOutcome(mail.AcceptedAt, mail.Code ?? "");

        // Who has moved meanwhile gets it at the new address. Sent again because it came back, it is for the owner alone: the others have their copy.
        var recipients = notice.Sending == 0 ? recipient.Emails : [recipient.Emails[0]];
        mail = mail with { Recipients = [.. recipients], Sending = notice.Sending };
        if (IsKept(recipient)) return await ConcludeAsync(mail with { AcceptedAt = Now, IsCaptured = true, Code = "captured" });
        if (Mailbox.ParseAddress(recipients[0]) is not { } owner) return await ConcludeAsync(mail with { Code = NoAddress });

        RelayAnswer answer;
        await _places.WaitAsync(cancellationToken);
        try
        {
            answer = await relay.SendAsync(writer.From.Address, [owner, .. recipients.Skip(1).Select(Mailbox.ParseAddress).OfType<string>()], Message(Filled(mail), recipient, owner).Write(), cancellationToken);
        }
        catch (RelayException failure)
        {
            LogNotTaken(logger, notice.Id, failure.Message);
            throw;
        }
        finally
        {
            _places.Release();
        }

        if (!answer.IsAccepted) LogRefused(logger, notice.Id, answer.Code);
        return await ConcludeAsync(mail with { AcceptedAt = answer.IsAccepted ? Now : null, IsCaptured = false, Code = answer.Code });
    }

    /// <inheritdoc />
    public void Dispose() => _places.Dispose();

    private Instant Now => time.GetInstant();

    private async Task<NoticeOutcome> ConcludeAsync(KeptMail mail)
    {
        await store.ConcludeAsync(mail);
        return new NoticeOutcome(mail.AcceptedAt, mail.Code ?? "");
    }

    /// <summary>Test accounts' mail is kept and never sent; any mail, where there is no relay.</summary>
    private bool IsKept(AccountProfile recipient) => recipient.Test || !options.Sends;

    private async Task<KeptMail> WriteAsync(NoticeDelivery delivery)
    {
        var text = writer.Write(delivery, links.Place);
        // Whoever writes the template decides whether there is a link; what is due, whether there can be one.
        if (HasLink(text) && !await links.MakeAsync(delivery)) text = writer.Write(delivery);
        var mail = Kept(delivery, text);
        // What is kept is there to be looked at, and goes nowhere else.
        return IsKept(delivery.Recipient) ? Filled(mail) : mail;
    }

    private bool HasLink(MailText text) => links.Place is { } place && (text.Text.Contains(place, StringComparison.Ordinal) || text.Html?.Contains(place, StringComparison.Ordinal) is true);

    private KeptMail Filled(KeptMail mail) => mail with { Text = links.Fill(mail.Text, mail.Id), Html = mail.Html is { } html ? links.Fill(html, mail.Id) : null };

    private KeptMail Kept(NoticeDelivery delivery, MailText text)
    {
        var notice = delivery.Notice;
        return new KeptMail
        {
            Id = notice.Id,
            Account = notice.Account,
            Notice = notice.Notice,
            MessageId = MailMessage.IdOf(notice.Id, writer.From.Domain),
            Language = text.Language,
            Recipients = delivery.Recipient.Emails,
            Subject = text.Subject,
            Text = text.Text,
            Html = text.Html,
            WrittenAt = notice.Facts?.At ?? Now,
            CreatedAt = Now,
        };
    }

    private MailMessage Message(KeptMail mail, AccountProfile recipient, string owner) => new()
    {
        From = writer.From,
        ReplyTo = writer.ReplyTo,
        To = [new Mailbox(recipient.Name ?? "", owner)],
        MessageId = mail.MessageId,
        Date = mail.WrittenAt,
        Language = mail.Language,
        Subject = mail.Subject,
        Text = mail.Text,
        Html = mail.Html,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mail of notice {Notice} was not taken and is tried again: {Reason}")]
    private static partial void LogNotTaken(ILogger logger, string notice, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mail of notice {Notice} was refused for the owner's address for good ({Code}).")]
    private static partial void LogRefused(ILogger logger, string notice, string code);
}
