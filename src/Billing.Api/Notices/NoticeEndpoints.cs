using Billing.Api.PaymentMethods;

namespace Billing.Api.Notices;

/// <summary>What happened to a notice outside: it came back, or it reached the owner another way.</summary>
internal static class NoticeEndpoints
{
    public static void MapNotices(this IEndpointRouteBuilder api)
    {
        api.MapPost("/v1/notices/{notice}/bounced", BouncedAsync)
            .Needs(Scope.Operate).Says("noticeBounced", "A notice came back", "Its delivery no longer counts as proved; a step that needs it waits again.")
            .Takes([Problems.NotFound, Problems.ClockAdvancing], typeof(EmptyRequest), "{}", required: false).Produces(StatusCodes.Status204NoContent);
        api.MapPost("/v1/notices/{notice}/attest", AttestAsync)
            .Needs(Scope.Operate).Says("attestNotice", "A notice reached the owner another way", "Counts as its delivery from now on.")
            .Takes([Problems.NotFound, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.ClockAdvancing], typeof(AttestRequest), """{"evidence": "Registered letter RR123456785AT, signed for on 2026-03-06"}""", key: KeyUse.Optional)
            .Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> BouncedAsync(string notice, HttpContext http, AccountClocks clocks, AccountCommands commands) =>
        await SendAsync(notice, await Body.ReadOptionalAsync(http), new NoticeBounced(notice), clocks, commands);

    private static async Task<IResult> AttestAsync(string notice, HttpContext http, AccountClocks clocks, AccountCommands commands)
    {
        var body = await Body.ReadAsync(http);
        var evidence = body.Fields.Text("evidence", ApiBounds.ReasonLength, required: true) ?? "";
        var key = Idempotency.Read(http, body, isRequired: false);
        return await SendAsync(notice, body, new AttestNotice(notice, evidence, Idempotency.Command(key, $"/v1/notices/{notice}/attest", evidence)), clocks, commands);
    }

    /// <summary>A notice's id is derived from its account's, which stands before the first <c>~</c>.</summary>
    private static async Task<IResult> SendAsync(string notice, Body body, Message message, AccountClocks clocks, AccountCommands commands)
    {
        var account = PathIds.CanExist(notice) ? notice.Split('~')[0] : "";
        var found = account.Length == 0 ? null : await clocks.ReadAsync(account);
        if (body.Refusal() is { } refusal) return refusal;
        return found is null ? Problem.NoSuch("notice") : await commands.SendAsync(account, found, body, _ => message, (_, _) => Answer.Nothing);
    }
}

/// <summary>How a notice reached the owner.</summary>
public sealed record AttestRequest
{
    /// <summary>What proves it, at most 500 characters.</summary>
    public required string Evidence { get; init; }
}
