using Billing.Silo;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Billing.Grains.Tests.Hosting;

/// <summary>What a process may be, and what is said of a setting that is wrong.</summary>
public sealed class RoleTests
{
    [Theory]
    [InlineData(null, BillingRole.All)]
    [InlineData("all", BillingRole.All)]
#if ORLEANS
    [InlineData("Silo", BillingRole.Silo)]
    [InlineData("api", BillingRole.Api)]
#endif
    public void Role_IsRead(string? setting, BillingRole role) => Assert.Equal(role, BillingRoles.Read(setting));

    [Theory]
    [InlineData("gateway")]
    [InlineData("7")]
    [InlineData("")]
#if EMBEDDED
    [InlineData("silo")]
    [InlineData("api")]
#endif
    public void Role_ThatThisBuildCannotBe_IsRefused(string setting) => Assert.Contains($"'{setting}'", Assert.Throws<StartRefusedException>(() => BillingRoles.Read(setting)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Billing:Drain", "00:06:00")]
    [InlineData("Billing:Drain", "-00:00:01")]
    [InlineData("Billing:Telemetry:Endpoint", "collector:4317")]
#if ORLEANS
    [InlineData("Billing:Cluster:SiloPort", "65536")]
    [InlineData("Billing:Cluster:MissedProbes", "1")]
    [InlineData("Billing:Cluster:ProbeTimeout", "00:00:00.4")]
    [InlineData("Billing:Cluster:TableRefresh", "soon")]
    [InlineData("Billing:Cluster:ResponseTimeout", "00:02:01")]
#endif
    public async Task Setting_OutOfItsRange_RefusesTheStart(string name, string value)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection([new(name, value), new("ConnectionStrings:Billing", "Host=127.0.0.1;Port=1;Username=nobody;Timeout=1"), new("Billing:Role", Role(name)), new("Billing:Mail:Host", "127.0.0.1"), new("Billing:Mail:From", "billing@example.com")]);

        var refused = await Assert.ThrowsAsync<StartRefusedException>(async () => await (await builder.AddBillingAsync()).DisposeAsync());

        Assert.Contains(name[..name.LastIndexOf(':')], refused.Message, StringComparison.Ordinal);
    }

    /// <summary>As an API host nothing needs a database before the settings of the cluster are read.</summary>
    private static string Role(string name) => name.StartsWith("Billing:Cluster", StringComparison.Ordinal) ? "api" : "all";
}
