using System.Collections.Immutable;
using System.Text.Json;
using Billing.Gateways;
using NodaTime;
using Npgsql;

namespace Billing.Sandbox;

/// <summary>The ledger in PostgreSQL. A charge, and a question, is one round trip and one transaction.</summary>
internal sealed class PostgresLedger(SandboxDatabase database) : ISandboxLedger
{
    private const string ById = $"select {SandboxColumns.Charge}, c.content from sandbox.charges c where c.id = $1";
    private const string OpenById = $"select {SandboxColumns.Charge} from sandbox.charges c where c.id = $1 and c.status <> 'closed'";

    private static readonly string OkStep = JsonSerializer.Serialize(ScriptStep.Ok, SandboxJson.Default.ScriptStep);

    private NpgsqlDataSource Source => database.Source;

    /// <inheritdoc />
    public async Task<SandboxMethod> PutMethodAsync(MethodChange change, CancellationToken cancellationToken)
    {
        var script = change.Script is { } steps ? JsonSerializer.Serialize([.. steps], SandboxJson.Default.ScriptStepArray) : null;
        await using var batch = Source.CreateBatch();
        batch.Add(
            """
            insert into sandbox.methods as m (token, script, fingerprint, network, funding)
            values ($1, coalesce($2::text::jsonb, '[]'), nullif($3::text, ''), nullif($4::text, ''), nullif($5::text, ''))
            on conflict (token) do update set
                script = coalesce($2::text::jsonb, m.script),
                taken = case when $2::text is null then m.taken else 0 end,
                fingerprint = nullif(coalesce($3::text, m.fingerprint), ''),
                network = nullif(coalesce($4::text, m.network), ''),
                funding = nullif(coalesce($5::text, m.funding), '')
            returning token, script::text, fingerprint, network, funding
            """,
            change.Token, script, change.Fingerprint, change.Network, change.Funding);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return ReadMethod(reader);
    }

    /// <inheritdoc />
    public async Task<SandboxMethod?> FindMethodAsync(string token, CancellationToken cancellationToken)
    {
        await using var batch = Source.CreateBatch();
        batch.Add("select token, script::text, fingerprint, network, funding from sandbox.methods where token = $1", token);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? ReadMethod(reader) : null;
    }

    /// <inheritdoc />
    public async Task<LedgerAnswer> ChargeAsync(ChargeRequest request, Instant now, CancellationToken cancellationToken)
    {
        var id = ChargeRules.IdOf(request.Key);
        var content = ChargeRules.ContentOf(request);
        await using var batch = Source.CreateBatch();
        batch.Add(
            "select sandbox.charge($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::timestamptz, $14::text::jsonb, $15, $16)",
            id, request.Key, content, request.Payment, request.Account, request.Clock ?? "", request.Amount.MinorUnits, request.Amount.Currency.Code,
            request.Token, ChargeRules.Micros(request.At), request.ByHand, request.Kind == MethodKind.Crypto,
            request.ExpiresAt is { } until ? ChargeRules.Micros(until) : null, OkStep, ChargeRules.EventId(id, 1), ChargeRules.Micros(now));
        batch.Add(ById, id);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var taken = reader.TextOrNull(0);
        await reader.NextResultAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) return new(taken, null, Closed: false, SameContent: true);
        return SandboxColumns.IsClosed(reader)
            ? new(taken, null, Closed: true, SameContent: true)
            : new(taken, SandboxColumns.ReadCharge(reader), Closed: false, reader.GetString(SandboxColumns.ChargeCount) == content);
    }

    /// <inheritdoc />
    public async Task<SandboxCharge?> ReadOrCloseAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        var id = ChargeRules.IdOf(request.Key);
        await using var batch = Source.CreateBatch();
        batch.Add(
            "select sandbox.close($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            id, request.Key, ChargeRules.ContentOf(request), request.Payment, request.Account, request.Clock ?? "",
            request.Amount.MinorUnits, request.Amount.Currency.Code, ChargeRules.Micros(request.At));
        batch.Add(OpenById, id);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? SandboxColumns.ReadCharge(reader) : null;
    }

    /// <inheritdoc />
    public async Task<SandboxCharge?> FindAsync(string charge, CancellationToken cancellationToken)
    {
        await using var batch = Source.CreateBatch();
        batch.Add(OpenById, charge);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? SandboxColumns.ReadCharge(reader) : null;
    }

    /// <inheritdoc />
    public async Task<ImmutableArray<(long Cursor, SandboxCharge Charge)>> ListAsync(string? account, long after, int limit, CancellationToken cancellationToken)
    {
        await using var batch = Source.CreateBatch();
        const string Columns = $"select {SandboxColumns.Charge}, c.seq from sandbox.charges c where c.status <> 'closed' and c.seq > $1";
        if (account is null) batch.Add($"{Columns} order by c.seq limit $2", after, limit);
        else batch.Add($"{Columns} and c.account = $3 order by c.seq limit $2", after, limit, account);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var rows = ImmutableArray.CreateBuilder<(long, SandboxCharge)>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add((reader.GetInt64(SandboxColumns.ChargeCount), SandboxColumns.ReadCharge(reader)));
        return rows.ToImmutable();
    }

    /// <inheritdoc />
    public async Task<ImmutableArray<(long Cursor, SandboxCharge Charge)>> ChangedAsync(string? clock, Instant since, long after, int limit, CancellationToken cancellationToken)
    {
        await using var batch = Source.CreateBatch();
        batch.Add(
            $"""
            select {SandboxColumns.Charge}, c.seq from sandbox.charges c
            where c.status <> 'closed' and c.clock = $1 and coalesce(c.changed_at, c.created_at) >= $2 and c.seq > $3 order by c.seq limit $4
            """,
            clock ?? "", since, after, limit);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var rows = ImmutableArray.CreateBuilder<(long, SandboxCharge)>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add((reader.GetInt64(SandboxColumns.ChargeCount), SandboxColumns.ReadCharge(reader)));
        return rows.ToImmutable();
    }

    /// <inheritdoc />
    public async Task<ImmutableArray<ListedRefund>> RefundsAsync(string? clock, Instant since, long after, int limit, CancellationToken cancellationToken)
    {
        await using var batch = Source.CreateBatch();
        batch.Add(
            """
            select seq, id, content, code, key, charge, payment, amount, currency, created_at from sandbox.refunds
            where clock = $1 and created_at >= $2 and seq > $3 order by seq limit $4
            """,
            clock ?? "", since, after, limit);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var rows = ImmutableArray.CreateBuilder<ListedRefund>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new ListedRefund(
                reader.GetInt64(0), new SandboxRefund(reader.GetString(1), reader.GetString(2), reader.TextOrNull(3)), reader.GetString(4), reader.GetString(5), reader.GetString(6),
                new Money(reader.GetInt64(7), Currency.Parse(reader.GetString(8))), reader.InstantAt(9)));
        }

        return rows.ToImmutable();
    }

    /// <inheritdoc />
    public async Task<SandboxRefund> RefundAsync(RefundRequest request, CancellationToken cancellationToken)
    {
        var id = RefundRules.IdOf(request.Key);
        await using var connection = await Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // The lock makes refunds of one key take turns; the charge's row, those of one charge.
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.Add("select pg_advisory_xact_lock(hashtextextended($1, 0))", id).Add("select content, code from sandbox.refunds where id = $1", id);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken)) return new SandboxRefund(id, reader.GetString(0), reader.TextOrNull(1));
        }

        var locked = await ReadChargesAsync(connection, OpenById + " for update", [request.Charge], cancellationToken);
        var (refund, charge) = RefundRules.Make(request, locked is [var row] ? row : null);
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.Add(
                """
                insert into sandbox.refunds (id, key, content, charge, payment, account, clock, amount, currency, status, code, created_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                """,
                refund.Id, request.Key, refund.Content, request.Charge, request.Payment, request.Account, request.Clock ?? "",
                request.Amount.MinorUnits, request.Amount.Currency.Code, refund.Status, refund.Code, ChargeRules.Micros(request.At));
            if (charge is not null) Update(batch, charge);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return refund;
    }

    /// <inheritdoc />
    public async Task<ChargeDecision?> ChangeAsync(string charge, Func<SandboxCharge, ChargeDecision> decide, CancellationToken cancellationToken)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var locked = await ReadChargesAsync(connection, OpenById + " for update", [charge], cancellationToken);
        if (locked is not [var row]) return null;
        var decision = decide(row);
        await WriteAsync(connection, [decision], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return decision;
    }

    /// <inheritdoc />
    public async Task<int> SettleDueAsync(string? clock, Instant dueBy, Instant now, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var due = await ReadChargesAsync(
            connection,
            $"select {SandboxColumns.Charge} from sandbox.charges c where c.clock = $1 and c.due_at <= $2 order by c.due_at, c.seq limit $3 for update",
            [clock ?? "", dueBy, limit],
            cancellationToken);
        await WriteAsync(connection, [.. due.Select(charge => ChargeRules.SettleDue(charge, now))], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return due.Count;
    }

    /// <inheritdoc />
    public async Task<Instant?> EarliestDueAsync(string? clock, CancellationToken cancellationToken)
    {
        await using var batch = Source.CreateBatch();
        batch.Add("select due_at from sandbox.charges where clock = $1 and due_at is not null order by due_at limit 1", clock ?? "");
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? reader.InstantAt(0) : null;
    }

    private static async Task<List<SandboxCharge>> ReadChargesAsync(NpgsqlConnection connection, string sql, object?[] values, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(sql, values);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var charges = new List<SandboxCharge>();
        while (await reader.ReadAsync(cancellationToken)) charges.Add(SandboxColumns.ReadCharge(reader));
        return charges;
    }

    private static async Task WriteAsync(NpgsqlConnection connection, ChargeDecision[] decisions, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var (charge, told, _) in decisions)
        {
            if (charge is not null) Update(batch, charge);
            if (told is not null) Insert(batch, told);
        }

        if (batch.BatchCommands.Count > 0) await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void Update(NpgsqlBatch batch, SandboxCharge charge) => batch.Add(
        """
        update sandbox.charges
        set status = $2, code = $3, asks = $4, settled_at = $5, amount = $6, amount_refunded = $7, amount_reversed = $8, changes = $9,
            due_at = $10, due_status = $11, due_code = $12, cancelled = $13, changed_at = $14
        where id = $1
        """,
        charge.Id, charge.Status.Wire(), charge.Code, charge.Asks?.Wire(), charge.SettledAt, charge.Amount.MinorUnits, charge.AmountRefunded.MinorUnits,
        charge.AmountReversed.MinorUnits, charge.Changes, charge.DueAt, charge.DueStatus?.Wire(), charge.DueCode, charge.Cancelled, charge.ChangedAt);

    private static void Insert(NpgsqlBatch batch, OutboxEvent told) => batch.Add(
        """
        insert into sandbox.events (id, type, charge, clock, status, code, amount, at, created_at, next_try_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
        """,
        told.Id, told.Type, told.Charge, told.Clock ?? "", told.Status.Wire(), told.Code, told.Amount.MinorUnits, told.At, told.CreatedAt);

    private static SandboxMethod ReadMethod(NpgsqlDataReader reader) => new(
        reader.GetString(0),
        [.. JsonSerializer.Deserialize(reader.GetString(1), SandboxJson.Default.ScriptStepArray)!.Select(step => step.Outcome)],
        reader.TextOrNull(2), reader.TextOrNull(3), reader.TextOrNull(4));
}
