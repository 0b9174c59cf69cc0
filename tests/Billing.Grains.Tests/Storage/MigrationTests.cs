using Billing.Silo.Postgres;
using Billing.Testing;
using Npgsql;

namespace Billing.Grains.Tests.Storage;

public sealed class MigrationTests
{
    private static readonly Migration One = new(1, "001_one.sql", "CREATE TABLE one (a int);\nINSERT INTO one VALUES (1);");
    private static readonly Migration Two = new(2, "002_two.sql", "CREATE TABLE two (a int);");

    [Fact]
    public void Shipped_AreNumberedInOrder() =>
        Assert.Equal(Migrations.Shipped.Select(x => x.Number).Distinct().Order(), Migrations.Shipped.Select(x => x.Number));

    [Fact]
    public void Shipped_BeginWithANote() => Assert.All(Migrations.Shipped, x => Assert.StartsWith("-- ", x.Sql, StringComparison.Ordinal));

    [PostgresFact]
    public async Task Apply_AppliesWhatIsNewOnce()
    {
        await using var database = NpgsqlDataSource.Create(await PostgresCluster.CreateEmptyDatabaseAsync("migrations_once"));
        Assert.Equal(1, await Migrations.ApplyAsync(database, [One]));
        Assert.Equal(1, await Migrations.ApplyAsync(database, [One, Two]));
        Assert.Equal(0, await Migrations.ApplyAsync(database, [One, Two]));
        Assert.Equal(1L, await ScalarAsync(database, "SELECT count(*) FROM one"));
        Assert.Equal("001_one.sql 002_two.sql", await ScalarAsync(database, "SELECT string_agg(name, ' ' ORDER BY number) FROM schema_migrations WHERE applied_at IS NOT NULL"));
    }

    [PostgresFact]
    public async Task Apply_AtOnceByTwo_IsDoneByOne()
    {
        var connectionString = await PostgresCluster.CreateEmptyDatabaseAsync("migrations_race");
        await using var first = NpgsqlDataSource.Create(connectionString);
        await using var second = NpgsqlDataSource.Create(connectionString);
        var counts = await Task.WhenAll(Task.Run(() => Migrations.ApplyAsync(first)), Task.Run(() => Migrations.ApplyAsync(second)));
        Assert.Equal([0, Migrations.Shipped.Count], counts.Order());
    }

    [PostgresFact]
    public async Task Apply_WithAChangedScript_IsRefusedAndChangesNothing()
    {
        await using var database = NpgsqlDataSource.Create(await PostgresCluster.CreateEmptyDatabaseAsync("migrations_changed"));
        await Migrations.ApplyAsync(database, [One]);
        var refused = await Assert.ThrowsAsync<MigrationException>(() => Migrations.ApplyAsync(database, [One with { Sql = One.Sql + " -- changed" }, Two]));
        Assert.Contains("001_one.sql", refused.Message, StringComparison.Ordinal);
        Assert.Null(await ScalarAsync(database, "SELECT to_regclass('two')::text"));
    }

    [PostgresFact]
    public async Task Apply_OfAScriptThatFails_LeavesTheOnesBeforeItAndNothingOfIt()
    {
        await using var database = NpgsqlDataSource.Create(await PostgresCluster.CreateEmptyDatabaseAsync("migrations_failed"));
        var broken = new Migration(2, "002_broken.sql", "CREATE TABLE two (a int); SELECT 1 / 0;");
        await Assert.ThrowsAsync<PostgresException>(() => Migrations.ApplyAsync(database, [One, broken]));
        Assert.Null(await ScalarAsync(database, "SELECT to_regclass('two')::text"));
        Assert.Equal(1, await Migrations.ApplyAsync(database, [One, Two]));
    }

    [Fact]
    public void Sha256_DoesNotCountLineEndings() => Assert.Equal(One.Sha256, (One with { Sql = One.Sql.ReplaceLineEndings("\r\n") }).Sha256);

    private static async Task<object?> ScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is var value and not DBNull ? value : null;
    }
}
