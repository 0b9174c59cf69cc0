using Billing.Api.Keys;

namespace Billing.Api.Webhooks;

/// <summary>
/// The doors of gateways' webhooks, all the same. In this order: size, signature on the raw body, reading, and a durable
/// record; only then <c>2xx</c>. <c>4xx</c> says that it will never be right, <c>5xx</c> that it may be and has to come again.
/// </summary>
internal static partial class WebhookDoor
{
    public static void MapWebhooks(this IEndpointRouteBuilder api)
    {
        foreach (var scheme in api.ServiceProvider.GetServices<IWebhookScheme>())
        {
            var (operation, summary, signature) = scheme.Described;
            api.MapPost("/v1/webhooks/" + scheme.Name, (HttpContext http, IGatewayInbox inbox, TimeProvider time, ILogger<IWebhookScheme> logger) => TakeAsync(http, scheme, inbox, time, logger))
                .NeedsNoKey().Says(operation, summary, $"Needs no key but a signature ({signature}), at most 300 seconds old. An event may come in any order and any number of times. `204` says that it is durable; what matches nothing yet is kept. Without a secret in the configuration there is no such door.")
                .TakesSigned(Problems.NotFound, Problems.Unavailable).Produces(StatusCodes.Status204NoContent);
        }
    }

    /// <summary>The raw body of a request whose size and signature are in order, or why it is refused.</summary>
    public static async Task<(ReadOnlyMemory<byte> Body, IResult? Refusal)> ReceiveAsync(HttpContext http, Func<IHeaderDictionary, ReadOnlyMemory<byte>, SignatureCheck> verify)
    {
        if (await Body.BytesAsync(http, ApiBounds.BodyBytes) is not { } body) return (default, Edge.TooLarge(ApiBounds.BodyBytes));
        return verify(http.Request.Headers, body) switch
        {
            SignatureCheck.Valid => (body, null),
            SignatureCheck.Malformed => (body, Problem.Malformed("The signature's headers are missing or not well formed.")),
            _ => (body, Problem.Of(ProblemCatalog.Unauthenticated, "The signature is wrong or too old.")),
        };
    }

    private static async Task<IResult> TakeAsync(HttpContext http, IWebhookScheme scheme, IGatewayInbox inbox, TimeProvider time, ILogger logger)
    {
        if (!scheme.IsOpen) return Problem.Of(Problems.NotFound, "There is nothing at this path.");
        var (body, refusal) = await ReceiveAsync(http, (headers, bytes) => scheme.Verify(headers, bytes.Span, time));
        if (refusal is not null)
        {
            LogRefused(logger, scheme.Name);
            return refusal;
        }

        var reading = scheme.Read(http.Request.Headers, body.Span, time);
        if (reading.Refusal is { } never) return never;
        foreach (var told in reading.Events)
        {
            var payment = await inbox.TakeAsync(told);
            if (payment is null) LogKept(logger, told.Gateway, told.Id, told.Type);
        }

        return Answer.Nothing;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request at the door of {Gateway}'s webhooks was refused before it was read: too large, or its signature is missing, wrong or too old.")]
    private static partial void LogRefused(ILogger logger, string gateway);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Gateway}'s event {Event} ({Type}) matches nothing yet and is kept.")]
    private static partial void LogKept(ILogger logger, string gateway, string @event, string type);
}
