#if ORLEANS
using System.Text.Json;
using NodaTime;
using Npgsql;
using Orleans.Runtime;

namespace Billing.Silo;

/// <summary>The cluster as its management grain and its tables show it.</summary>
internal sealed class OrleansView(IGrainFactory grains, NpgsqlDataSource database, string serviceId) : IClusterView
{
    private const string House = "Billing.";

    public async Task<ClusterReading> ReadAsync(CancellationToken cancellationToken)
    {
        var management = grains.GetGrain<IManagementGrain>(0);
        var hosts = await management.GetDetailedHosts(onlyActive: false);
        var counts = (await management.GetSimpleGrainStatistics()).Where(count => count.GrainType.StartsWith(House, StringComparison.Ordinal)).ToArray();
        var bySilo = counts.ToLookup(count => count.SiloAddress, count => count.ActivationCount);
        return new ClusterReading(
            "orleans",
            [.. hosts.OrderByDescending(host => host.StartTime).Select(host => Show(host, bySilo[host.SiloAddress].Sum()))],
            [.. counts.GroupBy(count => GrainNames.Of(count.GrainType.Split(',')[0]), StringComparer.Ordinal).Select(grain => new ActivationCount(grain.Key, grain.Sum(count => count.ActivationCount))).OrderBy(grain => grain.Grain, StringComparer.Ordinal)],
            await CountRemindersAsync(cancellationToken));
    }

    private static SiloReading Show(MembershipEntry host, int activations) => new(
        host.SiloName.Split('@')[0],
        $"{host.SiloAddress.Endpoint}",
        JsonNamingPolicy.SnakeCaseLower.ConvertName(host.Status.ToString()),
        SiloNames.VersionOf(host.SiloName),
        Instant.FromDateTimeUtc(DateTime.SpecifyKind(host.StartTime, DateTimeKind.Utc)),
        activations);

    private async Task<long> CountRemindersAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT count(*) FROM OrleansRemindersTable WHERE ServiceId = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = serviceId });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
#endif
