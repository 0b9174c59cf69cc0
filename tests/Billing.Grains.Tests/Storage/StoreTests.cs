#if EMBEDDED
using Billing.Testing;

namespace Billing.Grains.Tests.Storage;

public sealed class MemoryStoreTests : StoreContract
{
    protected override StoreUnderTest Open(string serviceId) => StoreUnderTest.Memory();
}

public sealed class MemoryIndexTests : IndexContract
{
    protected override StoreUnderTest Open(string serviceId) => StoreUnderTest.Memory();
}

public sealed class PostgresStoreDatabase() : PostgresDatabase("store");

// The event log of a database is one, so the tests of this class, which run one after another, have a service each.
public sealed class PostgresStoreTests(PostgresStoreDatabase database) : StoreContract, INeedsPostgres, IClassFixture<PostgresStoreDatabase>
{
    protected override StoreUnderTest Open(string serviceId) => StoreUnderTest.Postgres(database.DataSource, serviceId);
}

public sealed class PostgresIndexDatabase() : PostgresDatabase("index");

public sealed class PostgresIndexTests(PostgresIndexDatabase database) : IndexContract, INeedsPostgres, IClassFixture<PostgresIndexDatabase>
{
    protected override StoreUnderTest Open(string serviceId) => StoreUnderTest.Postgres(database.DataSource, serviceId);
}
#endif
