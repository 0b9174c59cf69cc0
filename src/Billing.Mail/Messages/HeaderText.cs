using System.Text;

namespace Billing.Mail.Messages;

/// <summary>Text of a header that somebody else wrote: no line break, no control character, and nothing but ASCII leaves.</summary>
internal static class HeaderText
{
    /// <summary>The most characters of a header's text; what is longer is cut.</summary>
    public const int Length = 300;

    private const string Opening = "=?utf-8?B?";
    private const string Closing = "?=";

    /// <summary>An encoded word is at most 75 characters (RFC 2047, 2); so many bytes of text fit into one.</summary>
    private const int BytesOfAWord = (75 - 12) / 4 * 3;

    /// <summary>One line of printable text: breaks and runs of space become one space, other control and format characters go.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(Math.Min(text.Length, Length));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length >= Length) break;
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                if (clean.Length > 0 && clean[^1] != ' ') clean.Append(' ');
            }
            else if (Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.OtherNotAssigned))
            {
                clean.Append(rune.ToString());
            }
        }

        return clean.ToString().TrimEnd();
    }

    /// <summary>Unstructured text, such as a subject: as it is where it is short and plain, else in encoded words (RFC 2047), folded.</summary>
    public static string Encode(string text)
    {
        var clean = Clean(text);
        return clean.Length <= 60 && Ascii.IsValid(clean) && !clean.Contains("=?", StringComparison.Ordinal) ? clean : Words(clean);
    }

    /// <summary>A display name: quoted where it is short and plain, else in encoded words.</summary>
    public static string Phrase(string name)
    {
        var clean = Clean(name);
        if (clean.Length > 60 || !Ascii.IsValid(clean) || clean.Contains("=?", StringComparison.Ordinal)) return Words(clean);
        return $"\"{clean.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>Each word holds whole characters, so that a reader which decodes them one by one shows none broken.</summary>
    private static string Words(string text)
    {
        var words = new List<string>();
        var word = new List<byte>(BytesOfAWord);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var count = rune.EncodeToUtf8(bytes);
            if (word.Count + count > BytesOfAWord) Flush();
            word.AddRange(bytes[..count]);
        }

        if (word.Count > 0) Flush();
        return string.Join("\r\n ", words);

        void Flush()
        {
            words.Add(Opening + Convert.ToBase64String([.. word]) + Closing);
            word.Clear();
        }
    }
}
