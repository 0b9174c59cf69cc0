using System.Collections.Immutable;
using NodaTime;
using Npgsql;

namespace Billing.Sandbox;

/// <summary>The outbox in PostgreSQL.</summary>
/// <remarks>
/// Implementation note: claims and acknowledgements do not wait for the disk. One that a crash forgets is an event sent
/// twice, which the receiver knows by its id; what must not be forgotten was committed with the charge.
/// </remarks>
internal sealed class PostgresOutbox(SandboxDatabase database) : ISandboxOutbox
{
    private const string DoNotWaitForTheDisk = "select set_config('synchronous_commit', 'off', true)";

    private const string Claim =
        $"""
         with next as (
             select e.seq from sandbox.events e
             where e.next_try_at <= $1
               and not exists (select 1 from sandbox.events earlier where earlier.charge = e.charge and earlier.seq < e.seq)
             order by e.next_try_at, e.seq limit $3
             for update of e skip locked)
         update sandbox.events e set tries = e.tries + 1, next_try_at = $2
         from next, sandbox.charges c
         where e.seq = next.seq and c.id = e.charge
         returning {SandboxColumns.Charge}, e.seq, e.tries, e.id, e.type, e.status, e.code, e.amount, e.at, e.created_at
         """;

    /// <inheritdoc />
    public async Task<ImmutableArray<PendingEvent>> ClaimAsync(Instant now, Instant leaseUntil, int limit, CancellationToken cancellationToken)
    {
        await using var batch = database.Source.CreateBatch().Add(DoNotWaitForTheDisk).Add(Claim, now, leaseUntil, limit);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var claimed = new List<PendingEvent>();
        while (await reader.ReadAsync(cancellationToken)) claimed.Add(ReadPending(reader));
        return [.. claimed.OrderBy(pending => pending.Seq)];
    }

    /// <inheritdoc />
    public async Task DeliveredAsync(PendingEvent delivered, CancellationToken cancellationToken)
    {
        await using var batch = database.Source.CreateBatch().Add(DoNotWaitForTheDisk).Add("delete from sandbox.events where seq = $1", delivered.Seq);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async Task PostponeAsync(PendingEvent failed, Instant until, CancellationToken cancellationToken)
    {
        // Tried again by another meanwhile: that one's word counts.
        await using var batch = database.Source.CreateBatch()
            .Add(DoNotWaitForTheDisk)
            .Add("update sandbox.events set next_try_at = $3 where seq = $1 and tries = $2", failed.Seq, failed.Tries, until);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async Task<bool> IsQuietAsync(string clock, CancellationToken cancellationToken)
    {
        // The clock's name says again that it is not '', for the index leaves real time out.
        await using var batch = database.Source.CreateBatch().Add("select not exists (select 1 from sandbox.events where clock = $1 and clock <> '')", clock);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetBoolean(0);
    }

    private static PendingEvent ReadPending(NpgsqlDataReader reader)
    {
        const int First = SandboxColumns.ChargeCount;
        var charge = SandboxColumns.ReadCharge(reader);
        var told = new OutboxEvent(
            reader.GetString(First + 2), reader.GetString(First + 3), charge.Id, charge.Clock, Wires.Status(reader.GetString(First + 4)),
            reader.TextOrNull(First + 5), new Money(reader.GetInt64(First + 6), charge.Amount.Currency), reader.InstantAt(First + 7), reader.InstantAt(First + 8));
        return new PendingEvent(reader.GetInt64(First), reader.GetInt32(First + 1), told, charge);
    }
}
