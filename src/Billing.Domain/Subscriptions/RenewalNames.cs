using NodaTime;
using NodaTime.Text;

namespace Billing.Domain;

/// <summary>The names of invoices that a cycle makes (<c>design/domain.md</c>, Derived names): a late wake-up finds the very same name.</summary>
/// <remarks>
/// Implementation note: two ids of at most 128 characters and an instant of at most 26 stay far below
/// <see cref="Ids.MaxDerivedLength"/>. A caller's id holds no <c>~</c>, so a name of two parts is never one of three.
/// </remarks>
internal static class RenewalNames
{
    private static readonly InstantPattern Compact = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss.FFFFFFFFF'Z'");

    /// <summary>The invoice of one subscription for the period that begins then, its first one included: <c>acme~pro~20260301T090000Z</c>.</summary>
    public static string OfPeriod(string account, string subscription, Instant periodStart) => $"{account}~{subscription}~{Compact.Format(periodStart)}";

    /// <summary>The invoice of an account at a calendar boundary, named by the period that begins there: <c>acme~20260301T000000Z</c>.</summary>
    public static string OfBoundary(string account, Instant boundary) => $"{account}~{Compact.Format(boundary)}";
}
