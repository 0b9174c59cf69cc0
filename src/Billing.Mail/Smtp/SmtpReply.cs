using System.Globalization;
using System.Text.RegularExpressions;

namespace Billing.Mail.Smtp;

/// <summary>What a relay answers: a code of three digits, the enhanced status code (RFC 3463) where it gives one, and its lines.</summary>
/// <param name="Code">The reply code.</param>
/// <param name="Lines">The text of each line. It may hold addresses and is never logged.</param>
internal sealed partial record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    /// <summary>Codes that mean this mailbox or this mail, where the relay does not say more.</summary>
    private static readonly int[] OfTheMailbox = [550, 551, 552, 553, 556];

    /// <summary>Taken.</summary>
    public bool IsPositive => Code is >= 200 and < 400;

    /// <summary>The enhanced status code, such as <c>5.1.1</c>.</summary>
    public string? Enhanced => Lines.Count > 0 && EnhancedCode().Match(Lines[0]) is { Success: true } match ? match.Value : null;

    /// <summary>Code and enhanced code: all of an answer that may be kept and logged.</summary>
    public string Short => Enhanced is { } enhanced ? string.Create(CultureInfo.InvariantCulture, $"{Code} {enhanced}") : Code.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// Whether it will never be taken for this address. What is about us (5.7: policy and security, 5.5: protocol, 5.3: the
    /// relay itself) may be mended by an operator, and is tried again.
    /// </summary>
    public bool IsRefusalOf(bool content) => Enhanced switch
    {
        { } enhanced => enhanced.StartsWith("5.1.", StringComparison.Ordinal) || enhanced.StartsWith("5.2.", StringComparison.Ordinal) || enhanced.StartsWith("5.4.", StringComparison.Ordinal)
            || content && (enhanced.StartsWith("5.0.", StringComparison.Ordinal) || enhanced.StartsWith("5.6.", StringComparison.Ordinal)),
        _ => OfTheMailbox.Contains(Code) || content && Code == 554,
    };

    [GeneratedRegex(@"\A[245]\.\d{1,3}\.\d{1,3}\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex EnhancedCode();
}

/// <summary>The relay did not take a mail this time. The message holds no address and nothing that the relay said beyond its codes.</summary>
public sealed class RelayException(string message, Exception? cause = null) : Exception(message, cause);
