#if EMBEDDED
using Billing.Grains.Interfaces.Webhooks;
using Billing.Silo.Memory;
using Billing.Silo.Postgres;
using Billing.Testing;
using NodaTime;

namespace Billing.Grains.Tests.Storage;

/// <summary>What both delivery logs do.</summary>
public abstract class DeliveryLogContract
{
    private static readonly Instant s_at = Instant.FromUtc(2026, 3, 6, 0, 0);

    protected abstract IDeliveryLog Open(string serviceId);

    [ContractFact]
    public async Task Attempts_AreReadNewestFirst_APageAtATime()
    {
        var log = Open(nameof(Attempts_AreReadNewestFirst_APageAtATime));
        var failed = new DeliveryAttempt(0, 7, null, "policy.changed", 3, s_at, Duration.FromMilliseconds(20), null, "timeout");
        await log.AppendAsync("w", [Attempt(1), Attempt(2), failed]);
        await log.AppendAsync("other", [Attempt(9)]);

        var page = await log.ReadAsync("w", 2, before: null);
        Assert.Equal([7, 2], page.Attempts.Select(attempt => attempt.Seq));
        Assert.Equal(failed, page.Attempts[0] with { Id = 0 });
        Assert.Equal(Attempt(2), page.Attempts[1] with { Id = 0 });
        page = await log.ReadAsync("w", 2, page.Next);
        Assert.Equal([1], page.Attempts.Select(attempt => attempt.Seq));
        Assert.Null(page.Next);
        Assert.Empty((await log.ReadAsync("nobody", 2, before: null)).Attempts);
    }

    [ContractFact]
    public async Task Attempts_OldOnesAreLetGo()
    {
        var log = Open(nameof(Attempts_OldOnesAreLetGo));
        await log.AppendAsync("other", [Attempt(1)]);
        for (var i = 0; i < 12; i++) await log.AppendAsync("w", [.. Enumerable.Range(i * 100, 100).Select(seq => Attempt(seq))]);

        var (kept, before) = (new List<long>(), (long?)null);
        do
        {
            var page = await log.ReadAsync("w", 200, before);
            kept.AddRange(page.Attempts.Select(attempt => attempt.Seq));
            before = page.Next;
        }
        while (before is not null);
        Assert.Equal(Enumerable.Range(200, IDeliveryLog.Kept).Reverse().Select(seq => (long)seq), kept);
        Assert.Single((await log.ReadAsync("other", 2, before: null)).Attempts);

        await log.TrimAsync(s_at);
        Assert.Single((await log.ReadAsync("other", 2, before: null)).Attempts);
        await log.TrimAsync(s_at + Duration.FromMilliseconds(1));
        Assert.Empty((await log.ReadAsync("other", 2, before: null)).Attempts);
        Assert.Empty((await log.ReadAsync("w", 2, before: null)).Attempts);
    }

    private static DeliveryAttempt Attempt(long seq) => new(0, seq, "acme", "payment.succeeded", 1, s_at, Duration.FromMilliseconds(5), 204, null);
}

public sealed class MemoryDeliveryLogTests : DeliveryLogContract
{
    protected override IDeliveryLog Open(string serviceId) => new MemoryDeliveryLog();
}

public sealed class PostgresDeliveryLogTests(PostgresDeliveryLogTests.Database database) : DeliveryLogContract, IClassFixture<PostgresDeliveryLogTests.Database>, INeedsPostgres
{
    protected override IDeliveryLog Open(string serviceId) => new PostgresDeliveryLog(database.DataSource, serviceId);

    public sealed class Database() : PostgresDatabase("delivery_log");
}
#endif
