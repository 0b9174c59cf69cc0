using Billing.Grains.Interfaces.Index;

namespace Billing.Api.Health;

/// <summary>Whether the process is alive, and whether it can serve.</summary>
internal static class HealthEndpoints
{
    private const string Nobody = "readyz";

    public static void MapHealth(this IEndpointRouteBuilder api)
    {
        api.MapGet("/healthz", () => Answer.Ok(new HealthResponse("alive", Store: null)))
            .NeedsNoKey().Says("isAlive", "Alive?", "The process runs. Needs no key.").Takes([]).Gives<HealthResponse>();
        api.MapGet("/readyz", ReadyAsync)
            .NeedsNoKey().Says("isReady", "Able to serve?", "The store answers. `store: memory` says that nothing outlives the process. Needs no key.").Takes([Problems.Unavailable]).Gives<HealthResponse>();
    }

    private static async Task<IResult> ReadyAsync(IGrainIndex index, ApiSetup setup, HttpContext http)
    {
        await index.AnyPendingAsync(Nobody, http.RequestAborted);
        return Answer.Ok(new HealthResponse("ready", setup.IsMemory ? "memory" : "postgresql"));
    }
}

/// <summary>How the process is.</summary>
/// <param name="Status"><c>alive</c> or <c>ready</c>.</param>
/// <param name="Store"><c>postgresql</c>, or <c>memory</c>: nothing outlives the process.</param>
public sealed record HealthResponse(string Status, string? Store);
