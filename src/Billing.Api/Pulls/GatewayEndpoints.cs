using Billing.Grains.Gateways;
using Billing.Grains.Interfaces.Index;

namespace Billing.Api.Pulls;

/// <summary>The gateways, and how far their books are compared with ours.</summary>
internal static class GatewayEndpoints
{
    private const int Most = 100;

    public static void MapGateways(this IEndpointRouteBuilder api) =>
        api.MapGet("/v1/gateways", ListAsync).Needs(Scope.Read)
            .Says("listGateways", "The gateways and their pulls", "Every gateway that is configured here or was pulled before, by name, all on one page. Every 15 minutes its charges, refunds and disputes are compared with ours; whoever is to be deleted waits for a pull that began after that. One that fails for a day is on `GET /v1/attention`.")
            .Takes([]).Gives<Page<GatewayResponse>>();

    private static async Task<IResult> ListAsync(IGrainFactory grains, IGrainIndex index, PaymentGateways configured, HttpContext http)
    {
        var pulled = await index.ListAsync(new IndexQuery("pull") { Limit = Most }, http.RequestAborted);
        string[] names = [.. configured.Names.Concat(pulled.Entries.Select(entry => GrainKeys.Id(entry.Key))).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var states = await Task.WhenAll(names.Select(name => grains.Pull(name).Read()));
        return Answer.Ok(new Page<GatewayResponse>([.. names.Zip(states, GatewayResponse.Of)], null));
    }
}
