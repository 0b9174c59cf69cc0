using Billing.Grains.Sweeping;
using Billing.Silo;

namespace Billing.Api.Controls;

/// <summary>What an operator pauses for the whole installation.</summary>
internal static class ControlEndpoints
{
    public static void MapControls(this IEndpointRouteBuilder api)
    {
        api.MapPut("/v1/controls", PutAsync)
            .Needs(Scope.Operate).Says("putInstallationControls", "Pause the whole installation, or let it go on", "A field left out is unchanged, `null` lets go on. While `escalations_paused`, nothing gets worse, is cancelled or ordered; at its end the present value takes effect, and countdowns to a deletion begin anew. While `collection_paused`, rungs wait; nothing becomes unpaid for it. Accounts on test clocks have another time and are not touched. Answers when every process knows it.")
            .Takes([], typeof(InstallationControlsRequest), """{"escalations_paused": true, "reason": "The gateway is down"}""").Gives<InstallationControlsResponse>();
        api.MapGet("/v1/controls", GetAsync)
            .Needs(Scope.Read).Says("getInstallationControls", "What is paused for the whole installation", "The pauses, the newest first.").Takes([]).TakesNoQuery().Gives<InstallationControlsResponse>();
    }

    private static async Task<IResult> PutAsync(HttpContext http, IGrainFactory grains, AccountClocks clocks, IPolicyCatalog catalog, SweeperOptions sweeper, ApiSetup setup, BillingOptions options, TimeProvider time)
    {
        var body = await Body.ReadAsync(http);
        var (escalations, collection) = (Switch("escalations_paused"), Switch("collection_paused"));
        var reason = body.Fields.Text("reason", ApiBounds.ReasonLength, required: true) ?? "";
        if (body.Refusal() is { } refusal) return refusal;
        var reply = await grains.Brake(GrainKeys.Installation).Execute(http.Call(new PutPauses(escalations, collection, reason), clocks.Real.At));
        if (reply is Refused refused) return Problem.Of(refused);
        await catalog.RefreshAsync(http.RequestAborted);
        if (setup.IsCluster) await Task.Delay(options.PolicyKnownAfter, time, http.RequestAborted);
        // What waited goes on now, the first of it; the next sweeps find the rest.
        if (reply is Done { Replayed: false }) await grains.GetGrain<ISweeperGrain>("sweep/0").Sweep(new SweepCall(Duration.FromTimeSpan(sweeper.Lateness)));
        return await ShowAsync(grains);

        bool? Switch(string name) => body.Fields.Flag(name) ?? (body.Fields.Has(name) ? false : null);
    }

    private static Task<IResult> GetAsync(IGrainFactory grains) => ShowAsync(grains);

    private static async Task<IResult> ShowAsync(IGrainFactory grains) => Answer.Ok(InstallationControlsResponse.Of(await grains.Brake(GrainKeys.Installation).Read()));
}
