using NodaTime;
using Npgsql;

namespace Billing.Sandbox;

/// <summary>The sandbox's own connections. Nobody else has them, and it has nobody else's.</summary>
internal sealed class SandboxDatabase : IAsyncDisposable, IDisposable
{
    /// <summary>Opens a pool of its own.</summary>
    public SandboxDatabase(SandboxOptions options)
    {
        var builder = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            ApplicationName = "billing-sandbox",
            MaxPoolSize = options.MaxConnections,
            MinPoolSize = 0,
            MaxAutoPrepare = 32,
            AutoPrepareMinUsages = 2,
        };
        Source = NpgsqlDataSource.Create(builder);
    }

    /// <summary>Where connections come from.</summary>
    public NpgsqlDataSource Source { get; }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Source.DisposeAsync();

    /// <inheritdoc />
    public void Dispose() => Source.Dispose();
}

/// <summary>Parameters and columns as the sandbox writes them.</summary>
internal static class SandboxColumns
{
    /// <summary>The columns that <see cref="ReadCharge"/> reads, of <c>sandbox.charges c</c>.</summary>
    public const string Charge =
        "c.id, c.key, c.payment, c.account, c.clock, c.amount, c.currency, c.status, c.code, c.asks, c.created_at, c.settled_at, "
        + "c.due_at, c.due_status, c.due_code, c.amount_refunded, c.amount_reversed, c.changes, c.expires_at, c.cancelled, c.changed_at";

    /// <summary>How many columns that is.</summary>
    public const int ChargeCount = 21;

    /// <summary>The status of a row that is no charge but a closed key.</summary>
    public const string Closed = "closed";

    /// <summary>A statement of a batch, with its values in place of <c>$1</c> and on.</summary>
    public static NpgsqlBatch Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values) command.Parameters.Add(Parameter(value));
        batch.BatchCommands.Add(command);
        return batch;
    }

    /// <summary>Whether the row is a closed key.</summary>
    public static bool IsClosed(NpgsqlDataReader reader) => reader.GetString(7) == Closed;

    /// <summary>Reads <see cref="Charge"/>.</summary>
    public static SandboxCharge ReadCharge(NpgsqlDataReader reader)
    {
        var currency = Currency.Parse(reader.GetString(6));
        return new SandboxCharge
        {
            Id = reader.GetString(0),
            Key = reader.GetString(1),
            Payment = reader.GetString(2),
            Account = reader.GetString(3),
            Clock = reader.GetString(4) is { Length: > 0 } clock ? clock : null,
            Amount = new Money(reader.GetInt64(5), currency),
            Status = Wires.Status(reader.GetString(7)),
            Code = reader.TextOrNull(8),
            Asks = reader.TextOrNull(9) is { } ask ? Wires.Ask(ask) : null,
            CreatedAt = reader.InstantAt(10),
            SettledAt = reader.InstantOrNull(11),
            DueAt = reader.InstantOrNull(12),
            DueStatus = reader.TextOrNull(13) is { } status ? Wires.Status(status) : null,
            DueCode = reader.TextOrNull(14),
            AmountRefunded = new Money(reader.GetInt64(15), currency),
            AmountReversed = new Money(reader.GetInt64(16), currency),
            Changes = reader.GetInt32(17),
            ExpiresAt = reader.InstantOrNull(18),
            Cancelled = reader.GetBoolean(19),
            ChangedAt = reader.InstantOrNull(20),
        };
    }

    /// <summary>A text, or <see langword="null"/>.</summary>
    public static string? TextOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>An instant.</summary>
    public static Instant InstantAt(this NpgsqlDataReader reader, int column) => Instant.FromDateTimeUtc(reader.GetDateTime(column));

    /// <summary>An instant, or <see langword="null"/>.</summary>
    public static Instant? InstantOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.InstantAt(column);

    private static NpgsqlParameter Parameter(object? value) => value switch
    {
        string text => new NpgsqlParameter<string> { TypedValue = text, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
        Instant instant => new NpgsqlParameter<DateTime> { TypedValue = instant.ToDateTimeUtc() },
        long number => new NpgsqlParameter<long> { TypedValue = number },
        int number => new NpgsqlParameter<int> { TypedValue = number },
        bool truth => new NpgsqlParameter<bool> { TypedValue = truth },
        null => new NpgsqlParameter { Value = DBNull.Value },
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };
}
