using System.Globalization;
using Billing.Api.PaymentMethods;
using Billing.Grains.Interfaces.Index;

namespace Billing.Api.Attention;

/// <summary>What needs a human, and what to do about it.</summary>
internal static class AttentionEndpoints
{
    public static void MapAttention(this IEndpointRouteBuilder api)
    {
        api.MapGet("/v1/attention", ListAsync)
            .Needs(Scope.Read).Says("listAttention", "What needs a human", "What holds the whole installation back, then of all accounts, payments and webhook endpoints, those that were made last first.").Takes([]).Gives<Page<AttentionResponse>>();
        api.MapPost("/v1/attention/{entry}/resolve", ResolveAsync)
            .Needs(Scope.Operate).Says("resolveAttention", "A human has dealt with it", "Takes it off the list. What it is about is mended by the calls that `do` names.")
            .Takes([Problems.NotFound, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.ClockAdvancing], typeof(EmptyRequest), "{}", required: false, KeyUse.Optional)
            .Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IGrainIndex index, IGrainFactory grains, string? limit, string? after)
    {
        var asked = ListQuery.Read(http);
        if (asked.Refusal is { } refusal) return refusal;
        if (ReadCursor(asked.After) is not var (from, skip)) return Problem.Field("after", "Is no cursor of this list.");
        IndexPage page;
        try
        {
            page = await index.AttentionAsync(asked.Limit, from, http.RequestAborted);
        }
        catch (ArgumentException)
        {
            return Problem.Field("after", "Is no cursor of this list.");
        }

        // What holds the whole installation back comes first.
        var ofInstallation = from is null ? AttentionResponse.Of(await grains.Brake(GrainKeys.DeletionBrake).Read()) : [];
        var entries = ofInstallation.Concat(page.Entries.SelectMany(AttentionResponse.Of)).Skip(skip).ToArray();
        var next = entries.Length > asked.Limit ? WriteCursor(from, skip + asked.Limit) : page.Next is null ? null : WriteCursor(page.Next, 0);
        return Answer.Ok(new Page<AttentionResponse>(entries[..Math.Min(entries.Length, asked.Limit)], next));
    }

    private static async Task<IResult> ResolveAsync(string entry, HttpContext http, IGrainFactory grains, AccountClocks clocks)
    {
        var body = await Body.ReadOptionalAsync(http);
        var key = Idempotency.Read(http, body, isRequired: false);
        if (body.Refusal() is { } refusal) return refusal;
        if (AttentionId.Parse(entry) is not { } id || await FindAsync(id, grains, clocks) is not var (grain, now)) return Problem.NoSuch("entry");
        if (now.Refusal() is { } busy) return busy;
        var reply = await grain.Execute(http.Call(new ResolveAttention(id.Entry, Idempotency.Command(key, $"/v1/attention/{entry}/resolve", "resolve")), now.At));
        return reply switch
        {
            Refused refused => Problem.Of(refused),
            Done { Replayed: true } => Answer.Again(Answer.Nothing),
            _ => Answer.Nothing,
        };
    }

    private static async Task<(IDurableGrain Grain, Now Now)?> FindAsync(AttentionId id, IGrainFactory grains, AccountClocks clocks)
    {
        if (id.Kind == AttentionId.OfBrake) return string.Equals(id.Owner, GrainKeys.Id(GrainKeys.DeletionBrake), StringComparison.Ordinal) ? (grains.Brake(GrainKeys.DeletionBrake), clocks.Real) : null;
        if (id.Kind == AttentionId.OfWebhookEndpoint) return (grains.WebhookEndpoint(id.Owner), clocks.Real);
        if (id.Kind == AttentionId.OfAccount) return await clocks.OfAsync(id.Owner) is { } now ? (grains.Account(id.Owner), now) : null;
        if (id.Kind == AttentionId.OfInbox) return (grains.Inbox(GrainKeys.InboxOf(id.Owner)), clocks.Real);
        if (id.Kind == AttentionId.OfPull) return (grains.Pull(id.Owner), clocks.Real);
        var payment = grains.Payment(id.Owner);
        return await payment.Read() is { Start: { } start } ? (payment, await clocks.OnAsync(start.Clock)) : null;
    }

    /// <summary>A grain may have more entries than fit on a page: the cursor is where the page's grains begin, and how many entries of them were shown.</summary>
    private static (string? From, int Skip)? ReadCursor(string? cursor) => cursor?.Split('.') switch
    {
        null => (null, 0),
        [var from, var skip] when int.TryParse(skip, NumberStyles.None, CultureInfo.InvariantCulture, out var count) => (from.Length == 0 ? null : from, count),
        _ => null,
    };

    private static string WriteCursor(string? from, int skip) => string.Create(CultureInfo.InvariantCulture, $"{from}.{skip}");
}
