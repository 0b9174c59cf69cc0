namespace Billing.Api.PaymentMethods;

/// <summary>Payment methods on file.</summary>
internal static class PaymentMethodEndpoints
{
    private const string Path = "/v1/accounts/{account}/payment_methods";
    private const string Example = """{"gateway": "sandbox", "token": "tok_visa", "kind": "card"}""";

    public static void MapPaymentMethods(this IEndpointRouteBuilder api)
    {
        api.MapPut(Path + "/{method}", PutAsync)
            .Needs(Scope.Write).Says("putPaymentMethod", "Put a payment method on file", "Idempotent. A known method with another token counts as new, which clears a hard decline. The first method is the default unless it says no.")
            .Takes([Problems.NotFound, Problems.TooMany, Problems.ClockAdvancing, Problems.Unavailable], typeof(PaymentMethodRequest), Example).Gives<PaymentMethodResponse>();
        api.MapGet(Path + "/{method}", GetAsync)
            .Needs(Scope.Read).Says("getPaymentMethod", "A payment method", "Its token is never shown.").Takes([Problems.NotFound]).TakesNoQuery().Gives<PaymentMethodResponse>();
        api.MapGet(Path, ListAsync)
            .Needs(Scope.Read).Says("listPaymentMethods", "List an account's payment methods", "The default first, then in the order in which they were added; an account has at most 50, and all are on one page.")
            .Takes([Problems.NotFound]).Gives<Page<PaymentMethodResponse>>();
        api.MapDelete(Path + "/{method}", RemoveAsync)
            .Needs(Scope.Write).Says("deletePaymentMethod", "Remove a payment method", "Refused while a payment may still use it. A removed default is followed by the oldest that is left.")
            .Takes([Problems.NotFound, Problems.PaymentInFlight, Problems.ClockAdvancing]).Produces(StatusCodes.Status204NoContent);
        api.MapPost(Path + "/{method}/default", MakeDefaultAsync)
            .Needs(Scope.Write).Says("makeDefault", "Make a payment method the default", "The default is charged first.")
            .Takes([Problems.NotFound, Problems.IdempotencyMismatch, Problems.ClockAdvancing], typeof(EmptyRequest), "{}", required: false, KeyUse.Optional).Gives<PaymentMethodResponse>();
    }

    private static async Task<IResult> PutAsync(string account, string method, HttpContext http, IGrainFactory grains, AccountClocks clocks, GatewayChoice gateways)
    {
        var body = await Body.ReadAsync(http);
        body.CheckId("account", account);
        body.CheckId("method", method);
        var known = await clocks.ReadAsync(account);
        var read = MethodFields.Read(body.Fields, gateways, method, known?.View.Profile.Test ?? true);
        var makeDefault = body.Fields.Flag("default");
        if (body.Refusal() is { } refusal) return refusal;
        if (known is not { } found) return Problem.NoSuch("account");
        if (found.Now.Refusal() is { } busy) return busy;

        var (candidate, gateway) = read!.Value;
        var description = await gateway.DescribeAsync(candidate.Token, http.RequestAborted);
        var command = MethodFields.OnFile(method, candidate, description);
        var reply = await grains.Account(account).Execute(http.Call(new PutPaymentMethod(command, makeDefault), found.Now.At));
        return reply is Refused refused ? Problem.Of(refused) : await ShowAsync(account, method, clocks);
    }

    private static Task<IResult> GetAsync(string account, string method, AccountClocks clocks) => ShowAsync(account, method, clocks);

    private static async Task<IResult> ListAsync(string account, AccountClocks clocks)
    {
        if (await clocks.ReadAsync(account) is not { } read) return Problem.NoSuch("account");
        var methods = read.View.Methods.Select(method => PaymentMethodResponse.Of(method, read.View)).OrderBy(method => method.Default ? 0 : 1);
        return Answer.Ok(new Page<PaymentMethodResponse>([.. methods], Next: null));
    }

    private static async Task<IResult> RemoveAsync(string account, string method, HttpContext http, IGrainFactory grains, AccountClocks clocks)
    {
        if (await clocks.ReadAsync(account) is not { } found) return Problem.NoSuch("account");
        if (found.Now.Refusal() is { } busy) return busy;
        var reply = await grains.Account(account).Execute(http.Call(new RemovePaymentMethod(method), found.Now.At));
        return reply is Refused refused ? Problem.Of(refused) : Answer.Nothing;
    }

    private static async Task<IResult> MakeDefaultAsync(string account, string method, HttpContext http, IGrainFactory grains, AccountClocks clocks)
    {
        var body = await Body.ReadOptionalAsync(http);
        var key = Idempotency.Read(http, body, isRequired: false);
        if (body.Refusal() is { } refusal) return refusal;
        if (await clocks.ReadAsync(account) is not { } found) return Problem.NoSuch("account");
        if (found.Now.Refusal() is { } busy) return busy;

        var command = new MakeDefault(method, Idempotency.Command(key, $"/v1/accounts/{account}/payment_methods/{method}/default", "default"));
        var reply = await grains.Account(account).Execute(http.Call(command, found.Now.At));
        return reply is Refused refused ? Problem.Of(refused) : await ShowAsync(account, method, clocks, reply is Done { Replayed: true });
    }

    private static async Task<IResult> ShowAsync(string account, string method, AccountClocks clocks, bool replayed = false) =>
        await clocks.ReadAsync(account) is { } read && read.View.Methods.Find(method) is { } found
            ? Answer.Ok(PaymentMethodResponse.Of(found, read.View), replayed)
            : Problem.NoSuch("payment method");
}

/// <summary>A body without fields.</summary>
public sealed record EmptyRequest;
