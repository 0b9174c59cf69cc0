namespace Billing.Mail.Sending;

/// <summary>
/// Pay links in mails, one a notice. A mail is written once and kept, and its link is a secret: so what is kept of a mail that goes
/// out holds <see cref="Place"/>, and the link itself is put there each time the mail is given to the relay.
/// </summary>
public interface INoticeLinks
{
    /// <summary>What a text holds in the place of a link; <see langword="null"/>: mails have none.</summary>
    string? Place { get; }

    /// <summary>Makes the link of a notice, once however often it is asked.</summary>
    /// <returns>Whether there is one: none where nothing is due.</returns>
    Task<bool> MakeAsync(NoticeDelivery delivery);

    /// <summary>Puts the link of a notice in its places.</summary>
    string Fill(string text, string notice);
}

/// <summary>Mails have no links of ours.</summary>
public sealed class NoNoticeLinks : INoticeLinks
{
    /// <inheritdoc />
    public string? Place => null;

    /// <inheritdoc />
    public Task<bool> MakeAsync(NoticeDelivery delivery) => Task.FromResult(false);

    /// <inheritdoc />
    public string Fill(string text, string notice) => text;
}
