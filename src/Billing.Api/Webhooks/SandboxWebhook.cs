using System.Globalization;
using Billing.Sandbox;

namespace Billing.Api.Webhooks;

/// <summary>
/// The door of the sandbox's webhook, in the order of every door (<see cref="WebhookDoor"/>). What it is about it always names,
/// so nothing is kept: whatever is not recorded is answered <c>5xx</c>, and the sandbox sends it again.
/// </summary>
internal static class SandboxWebhook
{
    public static void MapSandboxWebhook(this IEndpointRouteBuilder api) =>
        api.MapPost("/v1/webhooks/sandbox", TakeAsync)
            .NeedsNoKey().Says("takeSandboxEvent", "An event of the sandbox gateway", "Needs no key but a signature (Standard Webhooks), at most 300 seconds old. An event that comes again is taken as known.")
            .TakesSigned(Problems.Unavailable).Produces(StatusCodes.Status204NoContent);

    private static async Task<IResult> TakeAsync(HttpContext http, SandboxOptions options, IGrainFactory grains, AccountClocks clocks, TimeProvider time)
    {
        var (body, refusal) = await WebhookDoor.ReceiveAsync(http, (headers, bytes) => StandardScheme.Verify(headers, bytes.Span, [options.WebhookSecret], time));
        if (refusal is not null) return refusal;
        if (SandboxEvent.Read(body.Span) is not { } told || !TryReadKey(told.Data.Key, out var payment, out var ordinal)) return Problem.Malformed("The body is no event of the sandbox.");

        if (MessageOf(told, ordinal) is not { } report) return Answer.Nothing;
        if (await clocks.OfAsync(told.Data.Account) is not { } now) return NotYet("account");
        var reply = await grains.Payment(payment).Execute(new Call(report, now.At));
        return reply is Refused ? NotYet("payment") : Answer.Nothing;
    }

    private static Message? MessageOf(SandboxEvent told, int ordinal) => told.Type switch
    {
        SandboxEventTypes.Succeeded => new GatewayReported(told.Id, ordinal, AttemptOutcome.Succeeded, told.Data.Charge, Amount(told.Data), told.Data.Code, told.Data.At),
        SandboxEventTypes.Failed => new GatewayReported(told.Id, ordinal, AttemptOutcome.Declined, told.Data.Charge, null, told.Data.Code, told.Data.At),
        SandboxEventTypes.Disputed => new GatewayDisputed(told.Id, ordinal, DisputeOutcome.Opened, null, told.Data.At),
        SandboxEventTypes.DisputeWon => new GatewayDisputed(told.Id, ordinal, DisputeOutcome.Won, null, told.Data.At),
        SandboxEventTypes.DisputeLost => new GatewayDisputed(told.Id, ordinal, DisputeOutcome.Lost, Amount(told.Data), told.Data.At),
        _ => null,
    };

    private static Money? Amount(SandboxEventData data) => Currency.TryParse(data.Currency, out var currency) ? new Money(data.Amount, currency) : null;

    /// <summary>The key that we gave to the charge: <see cref="Ids.GatewayKey"/>.</summary>
    private static bool TryReadKey(string key, out string payment, out int ordinal)
    {
        var slash = key.LastIndexOf('/');
        payment = slash > 0 ? key[..slash] : "";
        ordinal = 0;
        return slash > 0 && PathIds.CanExist(payment) && int.TryParse(key.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ordinal);
    }

    private static Problem NotYet(string what) => Problem.Of(Problems.Unavailable, $"There is no such {what} yet; send the event again.");
}
