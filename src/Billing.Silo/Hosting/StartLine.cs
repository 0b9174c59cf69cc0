using Billing.Grains.Gateways;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Billing.Silo;

/// <summary>One line at the start that says what the process is, and nothing secret: whoever reads a log sees at once which installation it is of.</summary>
internal sealed partial class StartLine(IServiceProvider services, ProcessRole process, BillingOptions options, IHostEnvironment environment, IConfiguration configuration, ILogger<StartLine> logger) : IHostedService
{
    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogStart(
            process.Role, EngineHosting.Name, SiloNames.Version, environment.EnvironmentName, Database(), Postgres.BillingStore.ReadOptions(configuration).ServiceId,
            process.Role.HasGrains() ? EngineHosting.ClusterOf(services) ?? "none" : "that of its database", options.Sandbox is true ? "on" : "off",
            string.Join(", ", services.GetRequiredService<PaymentGateways>().Names.Order(StringComparer.Ordinal).DefaultIfEmpty("none")), Mail());
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private string Database()
    {
        if (services.GetService<NpgsqlDataSource>() is not { } database) return "in memory";
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        return $"{settings.Database} at {settings.Host}";
    }

    private string Mail() => !process.Role.HasGrains() ? "of the silos" : configuration["Billing:Mail:Host"] is { Length: > 0 } relay ? $"by {relay}" : "kept and not sent";

    [LoggerMessage(Level = LogLevel.Information, Message = "Role {Role} on the engine {Engine}, version {Version}, environment {Environment}. Database {Database}, service {ServiceId}, cluster {Cluster}. Sandbox {Sandbox}; gateways: {Gateways}; mail: {Mail}.")]
    private partial void LogStart(BillingRole role, string engine, string version, string environment, string database, string serviceId, string cluster, string sandbox, string gateways, string mail);
}
