#if EMBEDDED
using System.Text.Json;
using Billing.Embedded.Storage;
using Billing.Grains.Interfaces.Webhooks;

namespace Billing.Silo.Memory;

/// <summary>Reads which accounts are for tests from the in-memory index.</summary>
/// <param name="store">The store.</param>
public sealed class MemoryTestAccounts(MemoryGrainStateStore store) : ITestAccounts
{
    /// <inheritdoc/>
    public ValueTask<bool> IsTestAsync(string account, CancellationToken cancellationToken = default) => ValueTask.FromResult(
        store.QueryIndex(index => index.Find("account", Domain.GrainKeys.Account(account))) is { } entry
        && (entry.Clock is not null || (entry.Summary.ValueKind == JsonValueKind.Object && entry.Summary.TryGetProperty("test", out var test) && test.ValueKind == JsonValueKind.True)));
}
#endif
