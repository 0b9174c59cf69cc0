namespace Billing.Api.Reports;

/// <summary>What is owed in one currency, sorted by how many whole days it is overdue.</summary>
internal sealed class AgingBuckets
{
    private static readonly int[] UpTo = [0, 30, 60, 90, int.MaxValue];

    private readonly long[] _amounts = new long[UpTo.Length];

    /// <summary>Adds what is due on one invoice; days before the due time are negative.</summary>
    public void Add(long amount, int daysOverdue)
    {
        var bucket = Array.FindIndex(UpTo, most => daysOverdue <= most);
        _amounts[bucket] = checked(_amounts[bucket] + amount);
    }

    /// <summary>The sums as they are shown.</summary>
    public AgingRowResponse Row(string currency) => new(currency, _amounts[0], _amounts[1], _amounts[2], _amounts[3], _amounts[4], _amounts.Sum());
}
