using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Text;

namespace Billing.Testing.Scenarios;

/// <summary>Instants and durations as tests write them.</summary>
internal static partial class Days
{
    public static readonly Instant Start = Instant.FromUtc(2026, 3, 1, 0, 0);

    public static readonly Duration Ms = Duration.FromMilliseconds(1);

    /// <summary>The start and so much: <c>5d12h</c>; <c>-1ms</c> and <c>+1ms</c> may follow.</summary>
    public static Instant At(string text) => Start + Parse(text);

    /// <summary><c>1d12h30m5s</c>, and <c>ms</c>; each part may have a sign.</summary>
    public static Duration Parse(string text)
    {
        var sum = Duration.Zero;
        foreach (var part in Part().Matches(text).Cast<Match>())
        {
            var n = long.Parse(part.Groups["n"].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            sum += part.Groups["unit"].Value switch
            {
                "d" => Duration.FromDays(n),
                "h" => Duration.FromHours(n),
                "m" => Duration.FromMinutes(n),
                "ms" => Duration.FromMilliseconds(n),
                _ => Duration.FromSeconds(n),
            };
        }

        return sum;
    }

    /// <summary>A scenario's instant: <c>+5d</c> from its start, a date, or an instant.</summary>
    public static Instant Parse(string text, Instant start) => text switch
    {
        ['+', ..] => start + Parse(text),
        { Length: 10 } => LocalDatePattern.Iso.Parse(text).Value.AtMidnight().InUtc().ToInstant(),
        _ => InstantPattern.ExtendedIso.Parse(text).Value,
    };

    [GeneratedRegex(@"(?<n>[+-]?\d+)(?<unit>ms|[dhms])", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Part();
}
