using System.Text;

namespace Billing.Mail.Messages;

/// <summary>Text as quoted-printable (RFC 2045, 6.7): it passes any relay unchanged, and a person can still read it.</summary>
internal static class QuotedPrintable
{
    private const int LineLength = 76;
    private const string Hex = "0123456789ABCDEF";

    /// <summary>Encodes text, its line breaks as CRLF; it ends with one.</summary>
    public static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length + text.Length / 8);
        foreach (var line in text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')) EncodeLine(encoded, line);
        return encoded.ToString();
    }

    private static void EncodeLine(StringBuilder encoded, string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        var column = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var value = bytes[i];
            var isLast = i == bytes.Length - 1;
            // A blank at a line's end would be lost on the way.
            var isPlain = value is > 32 and < 127 and not (byte)'=' || value is 32 or 9 && !isLast;
            var width = isPlain ? 1 : 3;
            if (column + width > (isLast ? LineLength : LineLength - 1))
            {
                encoded.Append("=\r\n");
                column = 0;
            }

            if (isPlain) encoded.Append((char)value);
            else encoded.Append('=').Append(Hex[value >> 4]).Append(Hex[value & 15]);
            column += width;
        }

        encoded.Append("\r\n");
    }
}
