using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>At most so many declined attempts with one card in any window of this length.</summary>
/// <param name="Declines">The ceiling: with so many in the window, no reattempt is made.</param>
/// <param name="Window">The length of the window.</param>
public sealed record CeilingLimit(int Declines, Duration Window);

/// <summary>
/// The card networks' ceilings on reattempts. Source: <c>design/domain.md</c> of 2026-11 ("Collection"), after the networks'
/// excessive-retry rules: Visa 20 reattempts in 30 days (Visa Rules, "Excessive Reattempts"); Mastercard 10 in 24 hours and
/// 35 in 30 days (Mastercard Transaction Processing Excellence, "Excessive Authorization Attempts"). A network without a
/// rule of its own here, and one that the gateway does not tell, meets the strictest of all (<c>design/corners.md</c>).
/// </summary>
public static class CeilingLimits
{
    private static readonly Duration Day = Duration.FromHours(24);

    private static readonly Duration Month = Duration.FromDays(30);

    private static readonly ImmutableArray<CeilingLimit> Visa = [new(20, Month)];

    private static readonly ImmutableArray<CeilingLimit> Mastercard = [new(10, Day), new(35, Month)];

    private static readonly ImmutableArray<CeilingLimit> Strictest =
        [.. Visa.Concat(Mastercard).GroupBy(limit => limit.Window).Select(limits => limits.MinBy(limit => limit.Declines)!).OrderBy(limit => limit.Window)];

    /// <summary>How many declines are kept of one card: whether any ceiling is reached needs no more than these.</summary>
    public static int MostDeclines { get; } = Visa.Concat(Mastercard).Max(limit => limit.Declines);

    /// <summary>How long a decline counts at most.</summary>
    public static Duration LongestWindow { get; } = Visa.Concat(Mastercard).Max(limit => limit.Window);

    /// <summary>The ceilings of a network, as a gateway names it.</summary>
    public static ImmutableArray<CeilingLimit> Of(string? network) => network?.ToLowerInvariant() switch
    {
        "visa" => Visa,
        "mastercard" => Mastercard,
        _ => Strictest,
    };
}
