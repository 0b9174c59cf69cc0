using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;

namespace Billing.Domain;

/// <summary>Durations as a policy writes them: one whole number and one unit, <c>"90m"</c>, <c>"23h"</c>, <c>"5d"</c>.</summary>
/// <remarks>
/// Implementation note: a day is 24 hours, whatever a time zone's clock does meanwhile, so that a countdown is as long as it
/// says. Seconds are left out: nothing that a customer should notice happens so fast.
/// </remarks>
public static partial class Durations
{
    internal const string Expected = "Must be a duration such as \"90m\", \"23h\" or \"5d\", from 0 to 3650 days.";

    internal const string ExpectedBefore = "Must be a duration before the step, such as \"-3d\" or \"-48h\", from 0 to 3650 days before.";

    /// <summary>Reads an offset into the past, <c>"-3d"</c>, as how long before; what lies ahead is not one.</summary>
    public static bool TryParseBefore(string? text, out Duration before)
    {
        var isBefore = text is ['-', ..];
        return TryParse(isBefore ? text![1..] : text, out before) && (isBefore || before == Duration.Zero);
    }

    /// <summary>Reads one; <see langword="false"/> where it is not well formed, or longer than <see cref="PolicyBounds.LongestDuration"/>.</summary>
    public static bool TryParse(string? text, out Duration duration)
    {
        duration = default;
        if (text is null || !Pattern().IsMatch(text)) return false;

        // At most seven digits, as the pattern says: 3650 days are 5 256 000 minutes.
        var number = int.Parse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture);
        duration = text[^1] switch
        {
            'm' => Duration.FromMinutes(number),
            'h' => Duration.FromHours(number),
            _ => Duration.FromDays(number),
        };
        return duration <= PolicyBounds.LongestDuration;
    }

    [GeneratedRegex(@"\A(0|[1-9][0-9]{0,6})[mhd]\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
