using Billing.Silo;

namespace Billing.Api.Health;

/// <summary>Whether the process is alive, and whether it can serve.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder api)
    {
        api.MapGet("/healthz", () => Answer.Ok(new HealthResponse("alive", Store: null)))
            .NeedsNoKey().Says("isAlive", "Alive?", "The process runs. Needs no key.").Takes([]).Gives<HealthResponse>();
        api.MapGet("/readyz", ReadyAsync)
            .NeedsNoKey().Says("isReady", "Able to serve?", "The grains and the store answer, the clock agrees with the database's to 1 s, and the process is not about to stop. `store: memory` says that nothing outlives the process. Needs no key.").Takes([Problems.Unavailable]).Gives<HealthResponse>();
        // A watcher that asks with HEAD is answered too; it is the same call, and described once.
        api.MapMethods("/healthz", [HttpMethods.Head], () => Answer.Ok(new HealthResponse("alive", Store: null))).NeedsNoKey().ExcludeFromDescription();
        api.MapMethods("/readyz", [HttpMethods.Head], ReadyAsync).NeedsNoKey().ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(Readiness readiness, ApiSetup setup, HttpContext http) =>
        await readiness.FindTroubleAsync(http.RequestAborted) is { } trouble
            ? Problem.Of(Problems.Unavailable, trouble)
            : Answer.Ok(new HealthResponse("ready", setup.IsMemory ? "memory" : "postgresql"));
}

/// <summary>How the process is.</summary>
/// <param name="Status"><c>alive</c> or <c>ready</c>.</param>
/// <param name="Store"><c>postgresql</c>, or <c>memory</c>: nothing outlives the process.</param>
public sealed record HealthResponse(string Status, string? Store);
