using Billing.Embedded.Storage;

namespace Billing.Embedded.Deterministic;

/// <summary>What happens to a write.</summary>
public enum WriteFault
{
    /// <summary>It is made and acknowledged.</summary>
    None,

    /// <summary>Nothing is written, and the caller learns that it failed.</summary>
    FailsBefore,

    /// <summary>It is durable, and the caller learns that it failed.</summary>
    FailsAfter,
}

/// <summary>
/// A process's connection to the store: each read and write travels there in one step and back in another. So a crash can
/// come before a write, or after it is durable and before its caller learns of it.
/// </summary>
/// <param name="process">Whose connection it is; what is on its way to or from a crashed process is lost.</param>
/// <param name="store">What outlives every process.</param>
/// <param name="fault">Asked for each write.</param>
/// <param name="written">Told of each durable write.</param>
public sealed class SimulatedStore(SimulatedProcess process, IGrainStateStore store, Func<string, WriteFault> fault, Action<string, ReadOnlyMemory<byte>> written) : IGrainStateStore
{
    /// <inheritdoc/>
    public Task<StoredRow?> ReadAsync(string stateName, string grainKey, CancellationToken cancellationToken = default)
    {
        var answer = new TaskCompletionSource<StoredRow?>();
        process.Post("read", () => Hand(answer, store.ReadAsync(stateName, grainKey, CancellationToken.None)));
        return answer.Task;
    }

    /// <inheritdoc/>
    public Task<int> WriteAsync(
        string stateName, string grainKey, ReadOnlyMemory<byte> payload, int? expectedVersion, CancellationToken cancellationToken = default)
    {
        var answer = new TaskCompletionSource<int>();
        process.Post("write", () =>
        {
            var fails = fault(grainKey);
            if (fails == WriteFault.FailsBefore)
            {
                Hand(answer, Task.FromException<int>(new IOException("The store did not answer (nothing was written).")));
                return;
            }

            var outcome = store.WriteAsync(stateName, grainKey, payload, expectedVersion, CancellationToken.None);
            if (outcome.IsCompletedSuccessfully) written(grainKey, payload);
            Hand(answer, fails == WriteFault.None ? outcome : Task.FromException<int>(new IOException("The store did not answer (all was written).")));
        });
        return answer.Task;
    }

    private void Hand<T>(TaskCompletionSource<T> answer, Task<T> outcome) => process.Post("stored", () => answer.SetFromTask(outcome));
}
