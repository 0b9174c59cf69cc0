#if ORLEANS
using System.Net;
using Billing.Silo.Postgres;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime;

namespace Billing.Silo;

/// <summary>Where an API host finds its silos: those of the cluster on its database, whose name it reads beside them each time.</summary>
/// <remarks>
/// Implementation note: the database may be away when an API host starts, so the name cannot be known before. Connections
/// take the name from the options when they are opened, and a silo of another name refuses them.
/// </remarks>
internal sealed class ClusterGateways(NpgsqlDataSource database, string serviceId, string configured, IOptions<ClusterOptions> cluster, IOptions<GatewayOptions> options) : IGatewayListProvider
{
    /// <inheritdoc />
    public TimeSpan MaxStaleness => options.Value.GatewayListRefreshPeriod;

    /// <inheritdoc />
    public bool IsUpdatable => true;

    /// <inheritdoc />
    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    /// <inheritdoc />
    public async Task<IList<Uri>> GetGateways()
    {
        if (await ClusterNames.FindAsync(database, serviceId, configured) is not { } name) return [];
        cluster.Value.ClusterId = name;
        await using var command = database.CreateCommand("SELECT Address, ProxyPort, Generation FROM OrleansMembershipTable WHERE DeploymentId = $1 AND Status = $2 AND ProxyPort > 0");
        command.Parameters.AddWithValue(name);
        command.Parameters.AddWithValue((int)SiloStatus.Active);
        await using var reader = await command.ExecuteReaderAsync();
        var gateways = new List<Uri>();
        while (await reader.ReadAsync()) gateways.Add(SiloAddress.New(IPAddress.Parse(reader.GetString(0)), reader.GetInt32(1), reader.GetInt32(2)).ToGatewayUri());
        return gateways;
    }
}
#endif
