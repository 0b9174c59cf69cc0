using System.Text.RegularExpressions;
using Billing.Mail.Messages;
using Microsoft.Extensions.Logging;

namespace Billing.Mail.Templates;

/// <summary>A mail's texts.</summary>
/// <param name="Language">In which language.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">Plain.</param>
/// <param name="Html">The same as HTML, where there is a template for it.</param>
internal sealed record MailText(string Language, string Subject, string Text, string? Html);

/// <summary>Writes a notice's mail from its template. A template that fails is passed over, so that no promised notice is ever lost.</summary>
internal sealed partial class MailWriter
{
    /// <summary>The most characters of a text or an HTML.</summary>
    private const int Longest = 500_000;

    /// <summary>For everything that has no template of its own.</summary>
    private const string Any = "notice";

    private readonly MailOptions _options;
    private readonly TemplateFolder _templates;
    private readonly ILogger<MailWriter> _logger;
    private readonly string _company;

    /// <summary>Writes in a sender's name.</summary>
    public MailWriter(MailOptions options, TemplateFolder templates, ILogger<MailWriter> logger)
    {
        (_options, _templates, _logger) = (options, templates, logger);
        From = Mailbox.Parse(options.From) ?? new Mailbox("", "billing@localhost");
        ReplyTo = Mailbox.Parse(options.ReplyTo);
        _company = options.Company is { Length: > 0 } company ? company : From.Name.Length > 0 ? From.Name : From.Domain;
    }

    /// <summary>Who writes.</summary>
    public Mailbox From { get; }

    /// <summary>Where answers go, where that is elsewhere.</summary>
    public Mailbox? ReplyTo { get; }

    /// <summary>Writes a notice in its reader's language.</summary>
    /// <param name="delivery">The notice.</param>
    /// <param name="payLink">Where its reader pays; <c>Billing:Mail:PayUrl</c> goes before it.</param>
    public MailText Write(NoticeDelivery delivery, string? payLink = null)
    {
        var notice = delivery.Notice;
        var facts = notice.Facts ?? new NoticeFacts { Kind = NoticeKind.Standing, At = Instant.FromUnixTimeTicks(0) };
        foreach (var (template, kit, locale) in _templates.Find(delivery.Recipient.Locale, [notice.Notice, NameOf(facts.Kind), Any]))
        {
            try
            {
                return Render(template, kit, locale, delivery, facts, payLink);
            }
            catch (Exception failure)
            {
                LogFailed(_logger, notice.Notice, locale.Name, failure.Message);
            }
        }

        return new MailText(TemplateFolder.Default, $"{_company}: a notice about your account", $"This is a notice about your account {delivery.Recipient.Id}: {notice.Notice}.\n", Html: null);
    }

    /// <summary>Tries every template once, so that what is wrong with one is known before a notice has to go out.</summary>
    /// <exception cref="TemplateException">A template is not well formed, or asks for what no notice has.</exception>
    public void Check()
    {
        foreach (var (language, name) in _templates.All) Try(language, name);
    }

    private MailText Render(MailTemplate template, TemplateKit kit, MailLocale locale, NoticeDelivery delivery, NoticeFacts facts, string? payLink = null)
    {
        var model = NoticeModel.Of(delivery, facts, locale, _options, _company, payLink);
        var subject = HeaderText.Clean(template.Subject(model));
        model["subject"] = subject;
        var text = Around(kit.TextLayout, template.Text(model), model);
        var html = template.Html is { } own ? Around(kit.HtmlLayout, own(model), model) : null;
        if (text.Length > Longest || html?.Length > Longest) throw new TemplateException("What it says is too long.");
        return new MailText(locale.Name, subject, BlankLines().Replace(text, "\n\n").Trim('\n') + "\n", html);
    }

    private static string Around(HandlebarsDotNet.HandlebarsTemplate<object, object>? layout, string body, Dictionary<string, object?> model)
    {
        if (layout is null) return body;
        model["body"] = body;
        return layout(model);
    }

    private void Try(string language, string name)
    {
        var delivery = NoticeSamples.Full(name, language);
        foreach (var (template, kit, locale) in _templates.Find(language, [name]))
        {
            try
            {
                Render(template, kit, locale, delivery, delivery.Notice.Facts!);
            }
            catch (Exception wrong) when (wrong is not TemplateException)
            {
                throw new TemplateException($"The mail template {locale.Name}/{name} cannot be filled in: {wrong.Message}", wrong);
            }
        }
    }

    private static string NameOf(NoticeKind kind) => kind switch { NoticeKind.AttemptFailed => "attempt_failed", NoticeKind.BeforeDue => "before_due", _ => kind.ToString().ToLowerInvariant() };

    [LoggerMessage(Level = LogLevel.Error, Message = "The mail template of {Notice} in {Language} failed, and the next that fits is taken: {Reason}")]
    private static partial void LogFailed(ILogger logger, string notice, string language, string reason);

    [GeneratedRegex(@"\n{3,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BlankLines();
}
