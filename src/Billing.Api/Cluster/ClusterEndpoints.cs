using Billing.Api.Keys;
using Billing.Grains.Interfaces.Index;
using Billing.Silo;

namespace Billing.Api.Cluster;

/// <summary>The operator's view of the processes and of what is behind.</summary>
internal static class ClusterEndpoints
{
    public static void MapCluster(this IEndpointRouteBuilder api) =>
        api.MapGet("/v1/cluster", ReadAsync).Needs(Scope.Operate)
            .Says("readCluster", "The operator's view", "The processes that run the grains with their versions, what they hold in memory, the durable reminders, and how far the installation is behind. On the embedded engine it is a cluster of one.")
            .Takes([]).TakesNoQuery().Gives<ClusterResponse>();

    private static async Task<IResult> ReadAsync(IClusterView cluster, IBacklog backlog, TimeProvider time, HttpContext http)
    {
        var now = time.GetInstant();
        return Answer.Ok(ClusterResponse.Of(await cluster.ReadAsync(http.RequestAborted), await backlog.ReadAsync(now, http.RequestAborted), now));
    }
}
