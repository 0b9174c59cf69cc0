using System.Globalization;
using System.Text.RegularExpressions;

namespace Billing.Mail.Messages;

/// <summary>A mail address with the name of whom it belongs to.</summary>
/// <param name="Name">The name; may be empty.</param>
/// <param name="Address">What stands on the envelope: ASCII, without anything that could end a line or an angle bracket.</param>
/// <remarks>
/// Implementation note: only the plain form of an address (RFC 5321 <c>Dot-string "@" Domain</c>) is taken. Quoted local
/// parts, comments and address literals are legal and are refused: nobody's owner has one, and each is a way to write a
/// second recipient or a header.
/// </remarks>
public sealed partial record Mailbox(string Name, string Address)
{
    /// <summary>The most characters of an address (RFC 5321, 4.5.3.1.3, less the angle brackets).</summary>
    public const int AddressLength = 254;

    /// <summary>The address's domain.</summary>
    public string Domain => Address[(Address.LastIndexOf('@') + 1)..];

    /// <summary>Reads an address, its domain turned into ASCII; <see langword="null"/> where it is none that a relay can be given.</summary>
    public static string? ParseAddress(string? text)
    {
        if (text is null || text.Length > AddressLength || text.LastIndexOf('@') is not (> 0 and var at)) return null;
        var address = text;
        if (!System.Text.Ascii.IsValid(text.AsSpan(at)))
        {
            try
            {
                address = text[..(at + 1)] + new IdnMapping { UseStd3AsciiRules = true }.GetAscii(text[(at + 1)..]);
            }
            catch (ArgumentException)
            {
                return null;
            }
        }

        return address.Length <= AddressLength && at <= 64 && Plain().IsMatch(address) ? address : null;
    }

    /// <summary>Reads <c>Name &lt;address&gt;</c> or an address alone.</summary>
    public static Mailbox? Parse(string? text)
    {
        if (text?.Trim() is not { Length: > 0 } trimmed) return null;
        if (!trimmed.EndsWith('>')) return ParseAddress(trimmed) is { } alone ? new Mailbox("", alone) : null;
        var open = trimmed.LastIndexOf('<');
        return open >= 0 && ParseAddress(trimmed[(open + 1)..^1]) is { } address ? new Mailbox(trimmed[..open].Trim().Trim('"'), address) : null;
    }

    /// <inheritdoc />
    public override string ToString() => "a mailbox";

    [GeneratedRegex(@"\A[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Plain();
}
