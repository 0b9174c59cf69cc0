using Billing.Gateways;
using Billing.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Billing.Sandbox.Tests;

public sealed class HostingTests
{
    private const string Secret = "a secret of the sandbox's webhook";

    [Fact]
    public void Add_SecretTooShort_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddSandboxGateway(options => options.WebhookSecret = Secret[..23]));

    [Fact]
    public async Task Add_WithoutDatabase_IsOneGatewayInMemory()
    {
        using var host = await StartAsync(connectionString: null);

        var gateway = host.Services.GetRequiredService<SandboxGateway>();
        Assert.Same(gateway, Assert.Single(host.Services.GetServices<IPaymentGateway>()));
        Assert.Same(gateway, Assert.Single(host.Services.GetServices<IGatewayOnTestClock>()));
        Assert.Equal("sandbox", gateway.Name);
        Assert.Empty((await host.Services.GetRequiredService<SandboxService>().ListChargesAsync()).Value!.Data);
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task Start_SeveralAtOnceAndAgain_MigratesOnce()
    {
        var connectionString = await PostgresCluster.CreateEmptyDatabaseAsync(nameof(HostingTests));

        var hosts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => StartAsync(connectionString))));
        foreach (var host in hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }

        using var again = await StartAsync(connectionString);
        Assert.Empty((await again.Services.GetRequiredService<SandboxService>().ListChargesAsync()).Value!.Data);
        await again.StopAsync();
    }

    private static async Task<IHost> StartAsync(string? connectionString)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSandboxGateway(options => (options.ConnectionString, options.WebhookSecret, options.MaxConnections) = (connectionString, Secret, 4));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
