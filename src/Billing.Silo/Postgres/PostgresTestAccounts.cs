using System.Collections.Concurrent;
using Billing.Grains.Interfaces.Webhooks;
using Npgsql;

namespace Billing.Silo.Postgres;

/// <summary>Reads which accounts are for tests from the index, once for each account.</summary>
/// <param name="dataSource">A migrated database.</param>
/// <param name="serviceId">Whose accounts.</param>
public sealed class PostgresTestAccounts(NpgsqlDataSource dataSource, string serviceId) : ITestAccounts
{
    private const int Remembered = 100_000;

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<bool> IsTestAsync(string account, CancellationToken cancellationToken = default) =>
        _known.TryGetValue(account, out var isTest) ? ValueTask.FromResult(isTest) : new ValueTask<bool>(FindAsync(account, cancellationToken));

    private async Task<bool> FindAsync(string account, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "SELECT clock IS NOT NULL OR coalesce(summary ->> 'test', '') = 'true' FROM grain_index WHERE service_id = $1 AND kind = 'account' AND key = $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = serviceId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Domain.GrainKeys.Account(account) });
        var isTest = await command.ExecuteScalarAsync(cancellationToken) is true;
        if (_known.Count >= Remembered) _known.Clear();
        return _known[account] = isTest;
    }
}
