using HandlebarsDotNet;

namespace Billing.Mail.Templates;

/// <summary>A template cannot be used. The message is for the operator: which file, and what is wrong.</summary>
public sealed class TemplateException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The texts of one notice in one language. Read at once, compiled when they are first used: compiling all takes seconds.</summary>
internal sealed class MailTemplate
{
    private const string SubjectLine = "Subject:";

    private readonly Lazy<HandlebarsTemplate<object, object>> _subject;
    private readonly Lazy<HandlebarsTemplate<object, object>> _text;
    private readonly Lazy<HandlebarsTemplate<object, object>>? _html;

    private MailTemplate(string subject, string text, string? html, string file, Lazy<TemplateKit> kit)
    {
        _subject = new(() => Compile(kit.Value.Text, subject, file));
        _text = new(() => Compile(kit.Value.Text, text, file));
        _html = html is null ? null : new(() => Compile(kit.Value.Html, html, Path.ChangeExtension(file, ".html")));
    }

    /// <summary>The first line of the text file, after <c>Subject:</c>.</summary>
    public HandlebarsTemplate<object, object> Subject => _subject.Value;

    /// <summary>The rest of it.</summary>
    public HandlebarsTemplate<object, object> Text => _text.Value;

    /// <summary>The HTML file, where there is one.</summary>
    public HandlebarsTemplate<object, object>? Html => _html?.Value;

    /// <summary>Reads a notice's files.</summary>
    /// <exception cref="TemplateException">The text has no subject.</exception>
    public static MailTemplate Read(string textFile, Lazy<TemplateKit> kit)
    {
        var text = File.ReadAllText(textFile).ReplaceLineEndings("\n");
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        if (end < 0 || !text.StartsWith(SubjectLine, StringComparison.Ordinal)) throw new TemplateException($"The mail template {textFile} does not begin with a line \"{SubjectLine} …\".");
        var htmlFile = Path.ChangeExtension(textFile, ".html");
        var html = File.Exists(htmlFile) ? File.ReadAllText(htmlFile).ReplaceLineEndings("\n") : null;
        return new MailTemplate(text[SubjectLine.Length..end].Trim(), text[(end + 1)..].Trim('\n'), html, textFile, kit);
    }

    /// <summary>Compiles a template.</summary>
    /// <exception cref="TemplateException">It is none.</exception>
    public static HandlebarsTemplate<object, object> Compile(IHandlebars handlebars, string source, string file)
    {
        try
        {
            return handlebars.Compile(source);
        }
        catch (HandlebarsException wrong)
        {
            throw new TemplateException($"The mail template {file} is not well formed: {wrong.Message}", wrong);
        }
    }
}

/// <summary>What a language's templates are compiled with: its parts (files that begin with <c>_</c>) and its layouts.</summary>
internal sealed class TemplateKit
{
    /// <summary>For text: nothing is escaped, since nothing is markup.</summary>
    public IHandlebars Text { get; } = Handlebars.Create(new HandlebarsConfiguration { NoEscape = true, ThrowOnUnresolvedBindingExpression = true });

    /// <summary>For HTML: whatever a fact says is text there and never markup.</summary>
    public IHandlebars Html { get; } = Handlebars.Create(new HandlebarsConfiguration { TextEncoder = new HtmlEncoder(), ThrowOnUnresolvedBindingExpression = true });

    /// <summary>What stands around each text.</summary>
    public HandlebarsTemplate<object, object>? TextLayout { get; set; }

    /// <summary>What stands around each HTML.</summary>
    public HandlebarsTemplate<object, object>? HtmlLayout { get; set; }
}
