namespace Billing.Mail;

/// <summary>How the connection to the relay is protected.</summary>
public enum MailTls
{
    /// <summary>The relay has to offer STARTTLS, and its certificate has to be good. Usual port: 587.</summary>
    StartTls,

    /// <summary>TLS from the first byte (RFC 8314). Usual port: 465.</summary>
    Implicit,

    /// <summary>Not at all: for a relay on this machine or in a network of its own. No login is sent over it.</summary>
    None,
}

/// <summary>The section <c>Billing:Mail</c> of the configuration.</summary>
public sealed class MailOptions
{
    /// <summary>The relay. Without one mail is kept and not sent, which is allowed in Development alone.</summary>
    public string? Host { get; set; }

    /// <summary>The relay's port. Default: 587; 465 with <see cref="MailTls.Implicit"/>, 25 with <see cref="MailTls.None"/>.</summary>
    public int? Port { get; set; }

    /// <summary>The login, where the relay asks for one.</summary>
    public string? User { get; set; }

    /// <summary>The login's password. Never logged.</summary>
    public string? Password { get; set; }

    /// <summary>The sender: <c>Example Ltd &lt;billing@example.com&gt;</c>, or the address alone.</summary>
    public string? From { get; set; }

    /// <summary>How the connection is protected. Default: <see cref="MailTls.StartTls"/>.</summary>
    public MailTls Tls { get; set; }

    /// <summary>Where answers go. Default: to the sender.</summary>
    public string? ReplyTo { get; set; }

    /// <summary>Who writes, as the texts name it. Default: the sender's name, else its domain.</summary>
    public string? Company { get; set; }

    /// <summary>What stands at the end of each mail: a company's address, register and tax numbers. Line breaks are kept.</summary>
    public string? Footer { get; set; }

    /// <summary>The shortest <see cref="LinkSecret"/>.</summary>
    public const int ShortestLinkSecret = 32;

    /// <summary>Where a customer pays. <c>{account}</c> in it becomes the account's id. Default: a pay link of each notice, where <c>Billing:PublicUrl</c> is set; else the texts name none.</summary>
    public string? PayUrl { get; set; }

    /// <summary>What the pay links in mails are made of, at least 32 characters, the same for every silo. Default: in one process, made once and kept in the data folder; on a cluster mails have no links without it. Never logged.</summary>
    public string? LinkSecret { get; set; }

    /// <summary>A folder with templates that go before the shipped ones, file by file.</summary>
    public string? Templates { get; set; }

    /// <summary>How long the relay may take for one answer. Default 60 s; 1 s to 10 min.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How many mails are on their way to the relay at once. Default 8; 1 to 100.</summary>
    public int MaxInFlight { get; set; } = 8;

    /// <summary>How long a mail is kept after it was accepted. Default 90 days; at least 30.</summary>
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(90);

    /// <summary>The port that is connected to.</summary>
    public int EffectivePort => Port ?? Tls switch { MailTls.Implicit => 465, MailTls.None => 25, _ => 587 };

    /// <summary>Whether mail leaves at all.</summary>
    public bool Sends => !string.IsNullOrWhiteSpace(Host);

    /// <summary>What is wrong, in one sentence for the operator; <see langword="null"/>: nothing.</summary>
    /// <param name="mayKeep">Whether mail may be kept instead of sent.</param>
    public string? Problem(bool mayKeep) => this switch
    {
        { Sends: false } when !mayKeep => "Billing:Mail:Host is not set: promised notices could not be sent. Set Billing:Mail:Host and Billing:Mail:From, with Port, User, Password and Tls as your relay needs them.",
        { Sends: true, From: null or "" } => "Billing:Mail:From is not set: it is the address that mail comes from, such as \"Example Ltd <billing@example.com>\".",
        { From: { Length: > 0 } from } when Messages.Mailbox.Parse(from) is null => "Billing:Mail:From is no mail address such as \"Example Ltd <billing@example.com>\".",
        { ReplyTo: { Length: > 0 } reply } when Messages.Mailbox.Parse(reply) is null => "Billing:Mail:ReplyTo is no mail address such as \"support@example.com\".",
        { Port: < 1 or > 65_535 } => $"Billing:Mail:Port is {Port}; it must be 1 to 65535.",
        { User: { Length: > 0 }, Tls: MailTls.None } => "Billing:Mail:User is set and Billing:Mail:Tls is None: a login is never sent unprotected. Set Tls to StartTls or Implicit.",
        { User: { Length: > 0 }, Password: null or "" } => "Billing:Mail:User is set and Billing:Mail:Password is not.",
        { PayUrl: { Length: > 0 } url } when !IsWeb(url) => "Billing:Mail:PayUrl is no address such as \"https://example.com/pay/{account}\".",
        { LinkSecret: { Length: > 0 and < ShortestLinkSecret } } => $"Billing:Mail:LinkSecret needs at least {ShortestLinkSecret} characters: whoever guesses it can follow every pay link in a mail.",
        _ when Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromMinutes(10) => $"Billing:Mail:Timeout is {Timeout}; it must be 1 second to 10 minutes.",
        _ when MaxInFlight is < 1 or > 100 => $"Billing:Mail:MaxInFlight is {MaxInFlight}; it must be 1 to 100.",
        _ when KeepFor < TimeSpan.FromDays(30) || KeepFor > TimeSpan.FromDays(36_500) => $"Billing:Mail:KeepFor is {KeepFor}; it must be at least 30 days.",
        _ when Templates is { Length: > 0 } folder && !Directory.Exists(folder) => "Billing:Mail:Templates names a folder that does not exist.",
        _ => null,
    };

    private static bool IsWeb(string url) => Uri.TryCreate(url.Replace("{account}", "a", StringComparison.Ordinal), UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp);
}
