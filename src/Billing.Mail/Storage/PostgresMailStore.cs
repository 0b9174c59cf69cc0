using Billing.Grains.Interfaces.Index;
using Npgsql;
using NpgsqlTypes;

namespace Billing.Mail.Storage;

/// <summary>Keeps mails in the table <c>mail</c> (<c>db/009</c>).</summary>
internal sealed class PostgresMailStore(NpgsqlDataSource database, string serviceId) : IMailStore
{
    private const string Columns =
        "seq, id, account, notice, message_id, language, recipients, subject, body_text, body_html, written_at, created_at, sending, accepted_at, captured, code";

    /// <inheritdoc />
    public async Task<KeptMail?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"SELECT {Columns} FROM mail WHERE service_id = $1 AND id = $2");
        Add(command, serviceId, id);
        return (await ReadAsync(command, cancellationToken)).FirstOrDefault();
    }

    /// <inheritdoc />
    public async Task<KeptMail> AddAsync(KeptMail mail, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            INSERT INTO mail (service_id, id, account, notice, message_id, language, subject, body_text, body_html, recipients, written_at, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (service_id, id) DO NOTHING
            """);
        Add(command, serviceId, mail.Id, mail.Account, mail.Notice, mail.MessageId, mail.Language, mail.Subject, mail.Text, mail.Html);
        Add(command, mail.Recipients);
        Add(command, mail.WrittenAt);
        Add(command, mail.CreatedAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return await FindAsync(mail.Id, cancellationToken) ?? throw new InvalidOperationException("A mail that was just kept is gone.");
    }

    /// <inheritdoc />
    public async Task ConcludeAsync(KeptMail mail)
    {
        await using var command = database.CreateCommand(
            "UPDATE mail SET recipients = $3, accepted_at = $4, sending = $5, captured = $6, code = $7 WHERE service_id = $1 AND id = $2");
        Add(command, serviceId, mail.Id);
        Add(command, mail.Recipients);
        Add(command, mail.AcceptedAt);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Integer, Value = (object?)mail.Sending ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = mail.IsCaptured });
        Add(command, mail.Code);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <inheritdoc />
    public async Task<int> RemoveAsync(Instant createdBefore, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "DELETE FROM mail WHERE service_id = $1 AND id IN (SELECT id FROM mail WHERE service_id = $1 AND created_at < $2 ORDER BY created_at LIMIT $3)");
        Add(command, serviceId);
        Add(command, createdBefore);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<KeptMail>> ListAsync(string? account, int limit, long? before, CancellationToken cancellationToken = default)
    {
        var ofAccount = account is null ? "" : "AND account = $4";
        await using var command = database.CreateCommand($"SELECT {Columns} FROM mail WHERE service_id = $1 AND seq < $2 {ofAccount} ORDER BY seq DESC LIMIT $3");
        Add(command, serviceId);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = before ?? long.MaxValue });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        if (account is not null) Add(command, account);
        return await ReadAsync(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<KeptMail>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var mails = new List<KeptMail>();
        while (await row.ReadAsync(cancellationToken))
        {
            mails.Add(new KeptMail
            {
                Seq = row.GetInt64(0),
                Id = row.GetString(1),
                Account = row.GetString(2),
                Notice = row.GetString(3),
                MessageId = row.GetString(4),
                Language = row.GetString(5),
                Recipients = row.GetFieldValue<string[]>(6),
                Subject = row.GetString(7),
                Text = row.GetString(8),
                Html = row.IsDBNull(9) ? null : row.GetString(9),
                WrittenAt = Instant.FromDateTimeUtc(row.GetDateTime(10)),
                CreatedAt = Instant.FromDateTimeUtc(row.GetDateTime(11)),
                Sending = row.IsDBNull(12) ? null : row.GetInt32(12),
                AcceptedAt = row.IsDBNull(13) ? null : Instant.FromDateTimeUtc(row.GetDateTime(13)),
                IsCaptured = row.GetBoolean(14),
                Code = row.IsDBNull(15) ? null : row.GetString(15),
            });
        }

        return mails;
    }

    private static void Add(NpgsqlCommand command, params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts) command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)text ?? DBNull.Value });
    }

    private static void Add(NpgsqlCommand command, IReadOnlyList<string> texts) =>
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = texts.ToArray() });

    private static void Add(NpgsqlCommand command, Instant? at) =>
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = at is { } instant ? instant.ToDateTimeUtc() : DBNull.Value });
}
