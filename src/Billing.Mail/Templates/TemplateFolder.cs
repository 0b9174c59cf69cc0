using System.Text.Json;
using HandlebarsDotNet;

namespace Billing.Mail.Templates;

/// <summary>
/// The templates of every language, read at start: the shipped ones, and before them, file by file, an operator's own.
/// </summary>
public sealed class TemplateFolder
{
    /// <summary>The language of whoever has none that there are texts in.</summary>
    internal const string Default = "en";

    private const string LocaleFile = "locale.json";
    private const string Layout = "layout";

    private readonly Dictionary<string, Language> _languages = new(StringComparer.OrdinalIgnoreCase);

    private TemplateFolder()
    {
    }

    /// <summary>Reads the shipped templates and, before them, those of a folder.</summary>
    /// <param name="own">The operator's folder, where there is one.</param>
    /// <exception cref="TemplateException">A file cannot be used.</exception>
    public static TemplateFolder Read(string? own)
    {
        var shipped = Path.Combine(AppContext.BaseDirectory, "templates");
        if (!Directory.Exists(Path.Combine(shipped, Default))) throw new TemplateException($"The shipped mail templates are not at {shipped}.");
        string[] roots = string.IsNullOrEmpty(own) ? [shipped] : [shipped, own];
        var folder = new TemplateFolder();
        // A language comes after those that it falls back to, so that it can begin with what they say.
        foreach (var name in roots.SelectMany(Directory.GetDirectories).Select(path => Path.GetFileName(path)).Distinct(StringComparer.OrdinalIgnoreCase).OrderBy(name => IsDefault(name) ? 0 : name.Length))
        {
            folder._languages[name] = folder.ReadLanguage(name, roots);
        }

        return folder;
    }

    /// <summary>The templates that fit a notice, the best first: by name before by kind before the one for everything, and each in the nearest language.</summary>
    internal IEnumerable<(MailTemplate Template, TemplateKit Kit, MailLocale Locale)> Find(string? locale, IEnumerable<string> names)
    {
        var chain = Chain(locale).ToArray();
        foreach (var name in names)
        {
            foreach (var tag in chain)
            {
                if (!_languages.TryGetValue(tag, out var language)) continue;
                foreach (var template in language.Templates.GetValueOrDefault(name, [])) yield return (template, language.Kit.Value, LocaleFor(locale, tag));
            }
        }
    }

    /// <summary>Every template, for whoever tries them all.</summary>
    internal IEnumerable<(string Language, string Name)> All => _languages.SelectMany(language => language.Value.Templates.Keys.Select(name => (language.Key, name)));

    /// <summary>How the account's own region writes amounts and dates, where its language is the one of the text.</summary>
    private MailLocale LocaleFor(string? locale, string found) =>
        _languages[Chain(locale).First(tag => _languages.ContainsKey(tag) && SameLanguage(tag, found))].Locale;

    private static IEnumerable<string> Chain(string? locale)
    {
        var tag = locale;
        while (!string.IsNullOrEmpty(tag))
        {
            yield return tag;
            var cut = tag.LastIndexOf('-');
            tag = cut < 0 ? null : tag[..cut];
        }

        yield return Default;
    }

    private static bool SameLanguage(string left, string right) => string.Equals(left.Split('-')[0], right.Split('-')[0], StringComparison.OrdinalIgnoreCase);

    private static bool IsDefault(string name) => string.Equals(name, Default, StringComparison.OrdinalIgnoreCase);

    private Language ReadLanguage(string name, string[] roots)
    {
        var parent = Chain(name).Skip(1).FirstOrDefault(_languages.ContainsKey) is { } tag ? _languages[tag] : null;
        var locale = (parent?.Locale ?? MailLocale.Empty).As(name);
        var parts = new Dictionary<string, string>(parent?.Parts ?? [], StringComparer.Ordinal);
        var texts = new List<(string Name, string File)>();
        foreach (var file in roots.Select(root => Path.Combine(root, name)).Where(Directory.Exists).SelectMany(Directory.GetFiles).Order(new ByRoot(roots)))
        {
            var (stem, extension) = (Path.GetFileNameWithoutExtension(file), Path.GetExtension(file));
            if (Path.GetFileName(file) == LocaleFile) locale = ReadLocale(locale, name, file);
            else if (extension is not (".txt" or ".html")) continue;
            else if (stem.StartsWith('_') || stem == Layout) parts[stem + extension] = file;
            else if (extension == ".txt") texts.Add((stem, file));
        }

        var kit = new Lazy<TemplateKit>(() => MakeKit(parts));
        var templates = texts.GroupBy(text => text.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Reverse().Select(text => MailTemplate.Read(text.File, kit)).ToArray(), StringComparer.Ordinal);
        return new Language(locale, parts, kit, templates);
    }

    private static MailLocale ReadLocale(MailLocale before, string name, string file)
    {
        try
        {
            return before.With(name, File.ReadAllText(file));
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw new TemplateException($"{file} is not well formed: {wrong.Message}", wrong);
        }
    }

    private static TemplateKit MakeKit(Dictionary<string, string> parts)
    {
        var kit = new TemplateKit();
        foreach (var (part, file) in parts)
        {
            var handlebars = part.EndsWith(".html", StringComparison.Ordinal) ? kit.Html : kit.Text;
            if (part.StartsWith(Layout, StringComparison.Ordinal)) continue;
            try
            {
                handlebars.RegisterTemplate(Path.GetFileNameWithoutExtension(part), File.ReadAllText(file).ReplaceLineEndings("\n"));
            }
            catch (HandlebarsException wrong)
            {
                throw new TemplateException($"The mail template {file} is not well formed: {wrong.Message}", wrong);
            }
        }

        if (parts.TryGetValue(Layout + ".txt", out var text)) kit.TextLayout = MailTemplate.Compile(kit.Text, File.ReadAllText(text).ReplaceLineEndings("\n"), text);
        if (parts.TryGetValue(Layout + ".html", out var html)) kit.HtmlLayout = MailTemplate.Compile(kit.Html, File.ReadAllText(html).ReplaceLineEndings("\n"), html);
        return kit;
    }

    /// <summary>The shipped files first, so that an operator's own go over them.</summary>
    private sealed class ByRoot(string[] roots) : IComparer<string>
    {
        public int Compare(string? x, string? y)
        {
            var order = RootOf(x!).CompareTo(RootOf(y!));
            return order != 0 ? order : string.CompareOrdinal(x, y);
        }

        private int RootOf(string file) => Array.FindLastIndex(roots, root => file.StartsWith(root, StringComparison.Ordinal));
    }

    /// <param name="Locale">How it writes amounts and dates.</param>
    /// <param name="Parts">The files of its parts and layouts, those that it falls back to included.</param>
    /// <param name="Kit">What its templates are compiled with.</param>
    /// <param name="Templates">By notice: the operator's own first, then the shipped one.</param>
    private sealed record Language(MailLocale Locale, Dictionary<string, string> Parts, Lazy<TemplateKit> Kit, Dictionary<string, MailTemplate[]> Templates);
}
