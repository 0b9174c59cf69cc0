using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// How often a customer may try cards. Whoever tests stolen cards needs many declines; whoever wants to pay needs few. What
/// is tried automatically has the card networks' ceilings, and money on hand is always taken.
/// </summary>
internal static class Declines
{
    private static readonly Duration Hour = Duration.FromHours(1);
    private static readonly Duration Day = Duration.FromDays(1);

    /// <summary>A payment by hand was declined.</summary>
    public static void Note(AccountDraft draft)
    {
        ImmutableArray<Instant> recent = [.. draft.State.Declines.Where(at => at + Day > draft.Now).TakeLast(AccountLimits.DeclinesADay - 1)];
        draft.State = draft.State with { Declines = recent.Add(draft.Now) };
    }

    /// <summary>Why no further payment by hand is charged now; <see langword="null"/> where one may be.</summary>
    public static Refused? Refusal(AccountState account, Instant now)
    {
        var hour = FreeAt(account.Declines, Hour, AccountLimits.DeclinesAnHour);
        var day = FreeAt(account.Declines, Day, AccountLimits.DeclinesADay);
        var freeAt = day is { } late && !(hour > late) ? day : hour;
        return freeAt > now
            ? new Refused(
                Problems.TooManyDeclines, $"At most {AccountLimits.DeclinesAnHour} declined payments in an hour and {AccountLimits.DeclinesADay} in a day for an account.", RetryAfter: freeAt.Value - now)
            : null;
    }

    /// <summary>When fewer than so many are in a window.</summary>
    private static Instant? FreeAt(ImmutableArray<Instant> declines, Duration window, int most) => declines.Length < most ? null : declines[^most] + window;
}
