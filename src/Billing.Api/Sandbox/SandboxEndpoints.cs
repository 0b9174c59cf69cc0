using Billing.Sandbox;

namespace Billing.Api.Sandbox;

/// <summary>The sandbox gateway, from outside: scripts for tokens, its ledger, settlements and disputes.</summary>
internal static class SandboxEndpoints
{
    public static void MapSandbox(this IEndpointRouteBuilder api)
    {
        api.MapPut("/v1/sandbox/methods/{token}", PutMethodAsync)
            .Needs(Scope.Operate).Says("putSandboxMethod", "Say what a token does", "Outcomes: `ok`, `decline:<code>`, `processing`, `processing_ok:2d`, `processing_fail:2d`, `authentication_required`, `timeout`, `timeout_captured`, `error`. A field left out stays as it is.")
            .Takes([], typeof(SandboxMethodRequest), """{"script": ["decline:insufficient_funds", "ok"]}""").Gives<SandboxMethodResponse>();
        api.MapGet("/v1/sandbox/charges", ListAsync)
            .Needs(Scope.Read).Says("listSandboxCharges", "The sandbox's ledger", "Oldest first: the outside truth, which must agree with ours cent for cent.").Takes([]).Gives<Page<SandboxChargeResponse>>();
        api.MapPost("/v1/sandbox/charges/{charge}/settle", SettleAsync)
            .Needs(Scope.Operate).Says("settleSandboxCharge", "End a charge that is processing", "As the bank, the customer or the coins would: `ok`, with an `amount` where another one is captured, or `decline:<code>`. The sandbox tells us through its webhook.")
            .Takes([Problems.NotFound, Problems.ClockAdvancing], typeof(SandboxOutcomeRequest), """{"outcome": "ok"}""").Gives<SandboxChargeResponse>();
        api.MapPost("/v1/sandbox/charges/{charge}/dispute", DisputeAsync)
            .Needs(Scope.Operate).Says("disputeSandboxCharge", "Play a dispute", "`opened`, then `lost` or `won`.")
            .Takes([Problems.NotFound, Problems.ClockAdvancing], typeof(SandboxOutcomeRequest), """{"outcome": "opened"}""").Gives<SandboxChargeResponse>();
    }

    private static async Task<IResult> PutMethodAsync(string token, HttpContext http, SandboxService sandbox)
    {
        var body = await Body.ReadAsync(http);
        var fields = body.Fields;
        var isGiven = fields.Find("script") is not null;
        string[] script = [.. fields.Items("script", 0, SandboxService.LongestScript).Select(item => JsonTexts.Read(item.Json, SandboxService.LongestText, item.Path, body.Errors) ?? "")];
        var (fingerprint, network, funding) = (Text("fingerprint"), Text("network"), Text("funding"));
        if (body.Refusal() is { } refusal) return refusal;
        var answer = await sandbox.PutMethodAsync(token, isGiven ? script : null, fingerprint, network, funding, http.RequestAborted);
        return answer.Value is { } method ? Answer.Ok(SandboxMethodResponse.Of(method)) : Refuse(answer.Refusal!);

        string? Text(string name) => fields.Text(name, SandboxService.LongestText);
    }

    private static async Task<IResult> ListAsync(HttpContext http, SandboxService sandbox, string? account, string? limit, string? after)
    {
        var asked = ListQuery.Read(http, "account");
        if (asked.Refusal is { } refusal) return refusal;
        var answer = await sandbox.ListChargesAsync(asked["account"], asked.After, asked.Limit, http.RequestAborted);
        return answer.Value is { } page ? Answer.Ok(new Page<SandboxChargeResponse>([.. page.Data.Select(SandboxChargeResponse.Of)], page.Next)) : Refuse(answer.Refusal!);
    }

    private static Task<IResult> SettleAsync(string charge, HttpContext http, SandboxService sandbox, AccountClocks clocks) =>
        ChangeAsync(charge, http, sandbox, clocks, takesAmount: true, asked => sandbox.SettleAsync(charge, asked.Outcome, asked.At, asked.Amount, http.RequestAborted));

    private static Task<IResult> DisputeAsync(string charge, HttpContext http, SandboxService sandbox, AccountClocks clocks) =>
        ChangeAsync(charge, http, sandbox, clocks, takesAmount: false, asked => sandbox.DisputeAsync(charge, asked.Outcome, asked.At, http.RequestAborted));

    private static async Task<IResult> ChangeAsync(
        string charge, HttpContext http, SandboxService sandbox, AccountClocks clocks, bool takesAmount, Func<Asked, Task<SandboxAnswer<SandboxCharge>>> change)
    {
        var body = await Body.ReadAsync(http);
        var outcome = body.Fields.Text("outcome", SandboxService.LongestText, required: true);
        var amount = takesAmount ? body.Fields.Whole("amount", 1, Money.Largest) : null;
        if (body.Refusal() is { } refusal) return refusal;
        if (!PathIds.CanExist(charge) || await sandbox.FindChargeAsync(charge, http.RequestAborted) is not { } known) return Problem.NoSuch("charge");
        var now = await clocks.OnAsync(known.Clock);
        if (now.Refusal() is { } busy) return busy;
        var answer = await change(new Asked(outcome!, amount is { } minorUnits ? new Money(minorUnits, known.Amount.Currency) : null, now.At));
        return answer.Value is { } changed ? Answer.Ok(SandboxChargeResponse.Of(changed)) : Refuse(answer.Refusal!);
    }

    /// <summary>How a charge is to go on, from when.</summary>
    private sealed record Asked(string Outcome, Money? Amount, Instant At);

    private static Problem Refuse(SandboxRefusal refusal) => refusal.Kind switch
    {
        SandboxRefusalKind.NotFound => Problem.NoSuch("charge"),
        SandboxRefusalKind.Conflict => Problem.Field("outcome", refusal.Detail),
        _ => Problem.Fields([.. (refusal.Errors ?? new Dictionary<string, string>()).Select(error => new FieldError(error.Key, error.Value))]),
    };
}
