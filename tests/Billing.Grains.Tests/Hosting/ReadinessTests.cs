using Billing.Silo;
using Billing.Testing;
using Npgsql;

namespace Billing.Grains.Tests.Hosting;

/// <summary>When a load balancer may send calls here.</summary>
public sealed class ReadinessTests
{
    [PostgresTheory]
    [InlineData(0, null)]
    [InlineData(-0.9, null)]
    [InlineData(0.9, null)]
    [InlineData(-30, "behind")]
    [InlineData(30, "ahead of")]
    public async Task Clock_OffTheDatabases_ByMoreThanASecond_IsNotReady(double seconds, string? trouble)
    {
        await using var database = NpgsqlDataSource.Create(await PostgresCluster.CreateEmptyDatabaseAsync("readiness"));
        var time = new ShiftedTime(TimeSpan.FromSeconds(seconds));

        var found = await new Readiness(time, NewDrain(), new Engine(), database).FindTroubleAsync(default);

        if (trouble is null) Assert.Null(found);
        else Assert.Contains(trouble, found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_ThatDoesNotAnswer_IsNotReady()
    {
        await using var database = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1");

        Assert.Equal("The database does not answer.", await new Readiness(TimeProvider.System, NewDrain(), new Engine(), database).FindTroubleAsync(default));
    }

    [Fact]
    public async Task Process_ThatIsAskedToStop_IsNotReadyBeforeItStops()
    {
        var drain = NewDrain();
        var readiness = new Readiness(TimeProvider.System, drain, new Engine());
        Assert.Null(await readiness.FindTroubleAsync(default));

        await drain.StoppingAsync(default);

        Assert.Equal("The process is stopping.", await readiness.FindTroubleAsync(default));
    }

    [Fact]
    public async Task Cluster_ThatIsNotThere_IsNotReady() =>
        Assert.Equal("no silo", await new Readiness(TimeProvider.System, NewDrain(), new Engine("no silo")).FindTroubleAsync(default));

    [Theory]
    [InlineData(null, null, "8080")]
    [InlineData(null, "9000;9001", "9000")]
    [InlineData("http://+:5080", null, "5080")]
    [InlineData("http://127.0.0.1:5091/;http://127.0.0.1:5092", "9000", "5091")]
    [InlineData("http://localhost", null, "80")]
    public void HealthProbe_AsksWhereTheServerListens(string? urls, string? ports, string port) => Assert.Equal(port, HealthProbe.Port(urls, ports));

    private static Drain NewDrain() => new(new BillingOptions { Drain = TimeSpan.Zero }, TimeProvider.System);

    private sealed class Engine(string? trouble = null) : IEngineStatus
    {
        public bool CanServe => trouble is null;

        public Task<string?> FindTroubleAsync(CancellationToken cancellationToken) => Task.FromResult(trouble);
    }

    private sealed class ShiftedTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
