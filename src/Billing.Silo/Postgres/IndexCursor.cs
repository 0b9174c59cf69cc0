using System.Globalization;

namespace Billing.Silo.Postgres;

/// <summary>
/// The cursor of a list, the place of the last entry of a page, and the names that may stand in a query's text. Both
/// stores use it, so that they accept and refuse the same.
/// </summary>
internal static class IndexCursor
{
    public static string Write(long createdSeq) => createdSeq.ToString(CultureInfo.InvariantCulture);

    public static long Read(string? cursor) =>
        cursor is null ? long.MaxValue
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq
        : throw new ArgumentException("The cursor is none of a list.", nameof(cursor));

    public static string Name(string name) =>
        name.Length is > 0 and <= 60 && name.All(c => c is >= 'a' and <= 'z' or '_')
            ? name
            : throw new ArgumentException("A kind or field is of lower-case letters and underscores.", nameof(name));
}
