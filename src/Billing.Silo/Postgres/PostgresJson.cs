using System.Text.Json;
using Npgsql;

namespace Billing.Silo.Postgres;

/// <summary>A jsonb column as an element of its own; SQL's null is JSON's null.</summary>
internal static class PostgresJson
{
    public static JsonElement Null { get; } = JsonElement.Parse("null");

    public static JsonElement Read(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? Null : JsonElement.Parse(reader.GetString(column));
}
