using System.Collections.Concurrent;
using Billing.Testing.Http;
using Billing.Testing.Loads;
using Npgsql;

namespace Billing.Testing.Verdicts;

/// <summary>What crashes have done to a load.</summary>
/// <param name="Lost">Acknowledged, and not there any more.</param>
/// <param name="Doubled">Charged more than once, or otherwise than our books say.</param>
/// <param name="Differing">Where an account ended elsewhere than without a crash.</param>
public sealed record Verdict(IReadOnlyList<string> Lost, IReadOnlyList<string> Doubled, IReadOnlyList<string> Differing)
{
    /// <summary>Everything that is wrong; empty where nothing is.</summary>
    public IReadOnlyList<string> All => [.. Lost.Select(x => "lost: " + x), .. Doubled.Select(x => "doubled: " + x), .. Differing.Select(x => "differing: " + x)];

    /// <summary>Compares what there is with what was answered, with the sandbox's ledger and with where an undisturbed run ends.</summary>
    /// <param name="client">Where the load ran.</param>
    /// <param name="database">Its database.</param>
    /// <param name="load">The load, which has ended.</param>
    /// <param name="crashes">How often the process died.</param>
    public static async Task<Verdict> OfAsync(BillingClient client, string database, MixedLoad load, int crashes)
    {
        var doubled = new ConcurrentQueue<string>();
        var differing = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(load.Plans, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (plan, _) =>
        {
            try
            {
                var account = await AccountReading.OfAsync(client, plan);
                foreach (var wrong in account.Money()) doubled.Enqueue($"{plan.Account} ({plan.Kind}): {wrong}");
                foreach (var wrong in account.Ending(crashes)) differing.Enqueue($"{plan.Account} ({plan.Kind}): {wrong}");
            }
            catch (InvalidOperationException unread)
            {
                differing.Enqueue($"{plan.Account} ({plan.Kind}): {unread.Message}");
            }
        });
        foreach (var key in await PendingAsync(database)) differing.Enqueue(key + " is pending");
        return new Verdict(await load.Acknowledged.LostAsync(client), [.. doubled], [.. differing]);
    }

    /// <summary>What stays pending, however long one waits.</summary>
    private static async Task<IReadOnlyList<string>> PendingAsync(string database)
    {
        IReadOnlyList<string> pending = [];
        try
        {
            await Eventually.GetAsync("Nothing is pending", async () => (pending = await ReadPendingAsync(database)).Count == 0 ? pending : null);
            return [];
        }
        catch (TimeoutException)
        {
            return pending;
        }
    }

    /// <summary>Grains that have anything on its way out.</summary>
    private static async Task<IReadOnlyList<string>> ReadPendingAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT key FROM grain_index WHERE pending_since IS NOT NULL ORDER BY key", connection);
        await using var rows = await command.ExecuteReaderAsync();
        List<string> keys = [];
        while (await rows.ReadAsync()) keys.Add(rows.GetString(0));
        return keys;
    }
}
