using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Billing.Api.PaymentMethods;
using Billing.Grains.Interfaces.Index;
using Billing.Grains.Interfaces.Webhooks;
using Billing.Silo.Webhooks;

namespace Billing.Api.WebhookEndpoints;

/// <summary>Subscribers of the event log: events out, signed as Standard Webhooks has it.</summary>
internal static class WebhookEndpointEndpoints
{
    private const string Path = "/v1/webhook_endpoints/{endpoint}";
    private const string Kind = "webhook_endpoint";

    public static void MapWebhookEndpoints(this IEndpointRouteBuilder api)
    {
        api.MapPut(Path, PutAsync)
            .Needs(Scope.Operate).Says("putWebhookEndpoint", "Make or change a subscriber", "A new one is sent what happens from now on, and its `secret` is in this answer alone. Each wanted event arrives at least once, an account's in order. What changes address or events, or enables, tries at once what has failed.")
            .Takes([Problems.TooMany], typeof(WebhookEndpointRequest), """{"url": "https://example.com/hooks", "events": ["payment.*", "standing.changed"]}""").Gives<WebhookEndpointResponse>();
        api.MapGet(Path, GetAsync)
            .Needs(Scope.Read).Says("getWebhookEndpoint", "A subscriber", "How far it has got, and what fails. Never its secret.").Takes([Problems.NotFound]).TakesNoQuery().Gives<WebhookEndpointResponse>();
        api.MapGet("/v1/webhook_endpoints", ListAsync)
            .Needs(Scope.Read).Says("listWebhookEndpoints", "The subscribers", "Newest first.").Takes([]).Gives<Page<WebhookEndpointResponse>>();
        api.MapDelete(Path, DeleteAsync)
            .Needs(Scope.Operate).Says("deleteWebhookEndpoint", "End a subscriber", "Nothing is sent any more. One made with this id later is another one, with another secret.").Takes([Problems.NotFound]).Produces(StatusCodes.Status204NoContent);
        api.MapPost(Path + "/rotate", RotateAsync)
            .Needs(Scope.Operate).Says("rotateWebhookSecret", "Another secret", "The new one is in this answer alone; a replayed answer is without it. The old one signs too for 24 hours: each event then carries both signatures.")
            .Takes([Problems.NotFound, Problems.TooMany, Problems.IdempotencyMismatch, Problems.RateLimited], typeof(EmptyRequest), "{}", required: false, KeyUse.Optional).Gives<WebhookEndpointResponse>();
        api.MapPost(Path + "/replay", ReplayAsync)
            .Needs(Scope.Operate).Says("replayWebhooks", "Send again from a number on", "Everything after `after` is sent again, with the same `webhook-id` as before, in order for each account. A number past `cursor` gives up what lies between.")
            .Takes([Problems.NotFound, Problems.IdempotencyMismatch, Problems.RateLimited], typeof(ReplayRequest), """{"after": 0}""", key: KeyUse.Optional).Gives<WebhookEndpointResponse>();
        api.MapGet(Path + "/deliveries", DeliveriesAsync)
            .Needs(Scope.Read).Says("listWebhookDeliveries", "What was tried", "Newest first: the last 1,000 attempts or so, at most 30 days old.").Takes([Problems.NotFound]).Gives<Page<WebhookDeliveryResponse>>();
    }

    private static async Task<IResult> PutAsync(string endpoint, HttpContext http, IGrainFactory grains, IGrainIndex index, IEventLog log, TargetGuard guard, AccountClocks clocks)
    {
        var body = await Body.ReadAsync(http);
        body.CheckId("endpoint", endpoint);
        var isNew = !Ids.IsValid(endpoint) || (await grains.WebhookEndpoint(endpoint).Read()).Url is null;
        body.Fields.Require("url", isNew);
        body.Fields.Require("events", isNew);
        var url = body.Fields.Text("url", WebhookLimits.UrlLength);
        if (url is not null && await guard.WhatIsWrongAsync(url, http.RequestAborted) is { } wrong) body.Fields.Refuse("url", wrong);
        var events = ReadEvents(body);
        var enabled = body.Fields.Flag("enabled");
        if (body.Refusal() is { } refusal) return refusal;
        if (isNew && await IsFullAsync(index, http.RequestAborted)) return Problem.Of(Problems.TooMany, $"At most {WebhookLimits.Endpoints} webhook endpoints.");

        var secret = NewSecret();
        var reply = await grains.WebhookEndpoint(endpoint).Execute(http.Call(new PutWebhookEndpoint(url, events, enabled, secret, await log.HeadAsync(http.RequestAborted)), clocks.Real.At));
        return reply is Refused refused ? Problem.Of(refused) : await ShowAsync(endpoint, grains, clocks, secret);
    }

    private static async Task<IResult> GetAsync(string endpoint, IGrainFactory grains, AccountClocks clocks) =>
        Ids.IsValid(endpoint) ? await ShowAsync(endpoint, grains, clocks) : NoSuch();

    private static Task<IResult> ListAsync(HttpContext http, IGrainIndex index, IGrainFactory grains, AccountClocks clocks, string? limit, string? after)
    {
        var asked = ListQuery.Read(http);
        if (asked.Refusal is { } refusal) return Task.FromResult<IResult>(refusal);
        return index.PageAsync(new IndexQuery(Kind), asked, async entry =>
            WebhookEndpointResponse.Of(GrainKeys.Id(entry.Key), await grains.WebhookEndpoint(GrainKeys.Id(entry.Key)).Read(), clocks.Real.At), http.RequestAborted);
    }

    private static async Task<IResult> DeleteAsync(string endpoint, HttpContext http, IGrainFactory grains, AccountClocks clocks)
    {
        if (!Ids.IsValid(endpoint)) return NoSuch();
        return await grains.WebhookEndpoint(endpoint).Execute(http.Call(new DeleteWebhookEndpoint(), clocks.Real.At)) is Refused refused ? Problem.Of(refused) : Answer.Nothing;
    }

    private static async Task<IResult> RotateAsync(string endpoint, HttpContext http, IGrainFactory grains, AccountClocks clocks)
    {
        var body = await Body.ReadOptionalAsync(http);
        var key = Idempotency.Read(http, body, isRequired: false);
        if (body.Refusal() is { } refusal) return refusal;
        if (!Ids.IsValid(endpoint)) return NoSuch();
        var secret = NewSecret();
        var command = new RotateWebhookSecret(secret, Idempotency.Command(key, $"/v1/webhook_endpoints/{endpoint}/rotate", "rotate"));
        return await TellAsync(http, endpoint, grains, clocks, command, secret);
    }

    private static async Task<IResult> ReplayAsync(string endpoint, HttpContext http, IGrainFactory grains, IEventLog log, AccountClocks clocks)
    {
        var body = await Body.ReadAsync(http);
        var after = body.Fields.Whole("after", 0, long.MaxValue, required: true);
        if (after > 0 && after > await log.HeadAsync(http.RequestAborted)) body.Fields.Refuse("after", "Is past the newest event.");
        var key = Idempotency.Read(http, body, isRequired: false);
        if (body.Refusal() is { } refusal) return refusal;
        if (!Ids.IsValid(endpoint)) return NoSuch();
        var command = new ReplayWebhooks(after!.Value, Idempotency.Command(key, $"/v1/webhook_endpoints/{endpoint}/replay", after.Value.ToString(CultureInfo.InvariantCulture)));
        return await TellAsync(http, endpoint, grains, clocks, command, secret: null);
    }

    private static async Task<IResult> DeliveriesAsync(string endpoint, HttpContext http, IGrainFactory grains, IDeliveryLog attempts, string? limit, string? after)
    {
        var asked = ListQuery.Read(http);
        long? before = asked.After is null ? null : asked.Number();
        if (asked.Refusal is { } refusal) return refusal;
        if (!Ids.IsValid(endpoint) || (await grains.WebhookEndpoint(endpoint).Read()).Url is null) return NoSuch();
        var page = await attempts.ReadAsync(endpoint, asked.Limit, before, http.RequestAborted);
        return Answer.Ok(new Page<WebhookDeliveryResponse>([.. page.Attempts.Select(WebhookDeliveryResponse.Of)], page.Next?.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<IResult> TellAsync(HttpContext http, string endpoint, IGrainFactory grains, AccountClocks clocks, Message command, WebhookSecret? secret)
    {
        var reply = await grains.WebhookEndpoint(endpoint).Execute(http.Call(command, clocks.Real.At));
        return reply is Refused refused ? Problem.Of(refused) : await ShowAsync(endpoint, grains, clocks, secret, ((Done)reply).Replayed);
    }

    /// <summary>The endpoint; with its secret only where it was made for this very call.</summary>
    private static async Task<IResult> ShowAsync(string endpoint, IGrainFactory grains, AccountClocks clocks, WebhookSecret? made = null, bool replayed = false)
    {
        var state = await grains.WebhookEndpoint(endpoint).Read();
        var secret = made is not null && state.Secrets.Any(known => string.Equals(known.Key, made.Key, StringComparison.Ordinal)) ? made.Key : null;
        return WebhookEndpointResponse.Of(endpoint, state, clocks.Real.At, secret) is { } shown ? Answer.Ok(shown, replayed) : NoSuch();
    }

    private static ImmutableArray<string>? ReadEvents(Body body)
    {
        if (!body.Fields.Has("events")) return null;
        var events = ImmutableArray.CreateBuilder<string>();
        foreach (var (json, path) in body.Fields.Items("events", 1, WebhookLimits.Events))
        {
            if (JsonTexts.Read(json, WebhookFilter.LongestPattern, path, body.Errors) is not { } pattern) continue;
            if (!WebhookFilter.IsValid(pattern)) body.Errors.Add(path, "Must be the name of an event such as \"payment.succeeded\", \"payment.*\" or \"*\".");
            else if (!EventTypes.WantsAny(pattern)) body.Errors.Add(path, $"No event is called so. There are {EventTypes.Instead(pattern)}.");
            else if (events.Contains(pattern)) body.Errors.Add(path, "Is given more than once.");
            else events.Add(pattern);
        }

        return events.ToImmutable();
    }

    /// <summary>Whether there are as many as there may be. Two made at the same moment may be one too many, which harms nobody.</summary>
    private static async Task<bool> IsFullAsync(IGrainIndex index, CancellationToken cancellationToken)
    {
        var (count, after) = (0, (string?)null);
        do
        {
            var page = await index.ListAsync(new IndexQuery(Kind) { Limit = ApiBounds.PageLargest, After = after }, cancellationToken);
            count += page.Entries.Count(entry => entry.Summary.Text("id") is not null);
            after = page.Next;
        }
        while (after is not null);
        return count >= WebhookLimits.Endpoints;
    }

    private static WebhookSecret NewSecret() => new(WebhookSignature.KeyOf(RandomNumberGenerator.GetBytes(WebhookLimits.SecretBytes)), ExpiresAt: null);

    private static Problem NoSuch() => Problem.NoSuch("webhook endpoint");
}
