namespace Billing.Api.Payments;

/// <summary>What happens to a payment afterwards: it is sent back, taken back, or its outcome is found out.</summary>
internal static class RefundEndpoints
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(ApiBounds.WaitSecondsDefault);

    private static readonly string[] Fails = [Problems.NotFound, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.ClockAdvancing];

    public static void MapRefunds(this IEndpointRouteBuilder api)
    {
        api.MapPost("/v1/payments/{payment}/refund", RefundAsync)
            .Needs(Scope.Operate).Says("refundPayment", "Send money of a payment back", "Never more than was captured, nor what was spent elsewhere meanwhile. `200` when it was sent, or when the gateway will not send it (`failed`); `202` while that takes longer.")
            .Takes([.. Fails, Problems.RefundsRefused, Problems.PaymentDisputed], typeof(RefundRequest), """{"amount": 500}""", required: false, KeyUse.Required).Gives<RefundResponse>(200, 202);
        api.MapGet("/v1/refunds/{refund}", GetRefundAsync)
            .Needs(Scope.Read).Says("getRefund", "A refund", "As it stands now.").Takes([Problems.NotFound]).TakesNoQuery().Gives<RefundResponse>();
        api.MapPost("/v1/payments/{payment}/reverse", ReverseAsync)
            .Needs(Scope.Operate).Says("reversePayment", "Record that money was taken back", "A debit returned, a cheque bounced, a wrong booking: its invoices are due again with their first due time, and are never attempted automatically. `200` when the account is written, `202` while that takes longer.")
            .Takes(Fails, typeof(ReverseRequest), """{"reason": "Cheque bounced"}""", key: KeyUse.Required).Gives<PaymentResponse>(200, 202);
        api.MapPost("/v1/payments/{payment}/resolve", ResolveAsync)
            .Needs(Scope.Operate).Says("resolvePayment", "Say what became of an unknown payment", "With evidence, when the gateway does not tell. A later word of the gateway wins.")
            .Takes(Fails, typeof(ResolveRequest), """{"outcome": "not_captured", "evidence": "Ticket 4711 of the gateway's support"}""", key: KeyUse.Required).Gives<PaymentResponse>(200, 202);
    }

    private static async Task<IResult> RefundAsync(string payment, HttpContext http, IGrainFactory grains, AccountClocks clocks, Patience patience)
    {
        var body = await Body.ReadOptionalAsync(http);
        var fields = body.Fields;
        var amount = fields.Amount("amount", least: 1);
        var invoice = fields.Text("invoice", Ids.MaxDerivedLength);
        if (invoice is not null && !PathIds.CanExist(invoice)) fields.Refuse("invoice", "Can be the id of no invoice.");
        var reopen = fields.Flag("reopen") ?? false;
        var reference = fields.Text("reference", ApiBounds.ReasonLength);
        var key = Key(http, body, payment, "refund", $"{amount}", invoice ?? "", $"{reopen}", reference ?? "");
        var (reply, refusal) = await SendAsync(http, payment, body, grains, clocks, currency => new RefundPayment(Of(amount, currency), invoice, reopen, reference, key!));
        if (refusal is not null) return refusal;

        var (state, isReached) = await patience.UntilAsync(
            grains.Payment(payment).Read, state => Find(state, key!) is { Status: not (RefundStatus.Asked or RefundStatus.Sending) }, Wait, http.RequestAborted);
        if (Find(state, key!) is not { } refund) return Problem.Of(Problems.Unavailable, "The refund is accepted and not to be seen yet; the same key shows what becomes of it.");
        var isReplayed = reply!.Replayed;
        if (refund is { Status: RefundStatus.Refused, Refusal: { } why }) return isReplayed ? Answer.Again(Problem.Of(why)) : Problem.Of(why);
        var answer = RefundResponse.Of(state, refund);
        return isReached ? Answer.Ok(answer, isReplayed) : Answer.Accepted(answer, isReplayed);
    }

    private static async Task<IResult> GetRefundAsync(string refund, IGrainFactory grains)
    {
        if (Ids.PaymentOfRefund(refund) is not { } payment || !PathIds.CanExist(payment)) return Problem.NoSuch("refund");
        var state = await grains.Payment(payment).Read();
        return state.Start is not null && state.Refunds.Find(refund) is { } found ? Answer.Ok(RefundResponse.Of(state, found)) : Problem.NoSuch("refund");
    }

    private static async Task<IResult> ReverseAsync(string payment, HttpContext http, IGrainFactory grains, AccountClocks clocks, Patience patience)
    {
        var body = await Body.ReadAsync(http);
        var amount = body.Fields.Amount("amount", least: 1);
        var reason = body.Fields.Text("reason", ApiBounds.ReasonLength, required: true) ?? "";
        var key = Key(http, body, payment, "reverse", $"{amount}", reason);
        var (reply, refusal) = await SendAsync(http, payment, body, grains, clocks, currency => new ReversePayment(Of(amount, currency), reason, key!));
        return refusal ?? await ShowAsync(payment, reply!, grains, patience, IsReversalNoted, http.RequestAborted);
    }

    private static async Task<IResult> ResolveAsync(string payment, HttpContext http, IGrainFactory grains, AccountClocks clocks, Patience patience)
    {
        var body = await Body.ReadAsync(http);
        var outcome = body.Fields.Word("outcome", required: true, ("captured", AttemptOutcome.Succeeded), ("not_captured", AttemptOutcome.NotCaptured));
        var evidence = body.Fields.Text("evidence", ApiBounds.ReasonLength, required: true) ?? "";
        var key = Key(http, body, payment, "resolve", $"{outcome}", evidence);
        var (reply, refusal) = await SendAsync(http, payment, body, grains, clocks, _ => new ResolvePayment(outcome!.Value, evidence, key!));
        return refusal ?? await ShowAsync(payment, reply!, grains, patience, IsResolved, http.RequestAborted);
    }

    /// <summary>Tells the payment, once the request is in order, the payment exists, and its account's clock stands still.</summary>
    private static async Task<(Done? Done, IResult? Refusal)> SendAsync(HttpContext http, string payment, Body body, IGrainFactory grains, AccountClocks clocks, Func<Currency, Message> command)
    {
        if (body.Refusal() is { } refusal) return (null, refusal);
        if (!PathIds.CanExist(payment) || await grains.Payment(payment).Read() is not { Start: { } start }) return (null, Problem.NoSuch("payment"));
        var now = await clocks.OnAsync(start.Clock);
        if (now.Refusal() is { } busy) return (null, busy);
        var reply = await grains.Payment(payment).Execute(http.Call(command(start.Amount.Currency), now.At));
        return reply is Done done ? (done, null) : (null, Problem.Of((Refused)reply));
    }

    private static async Task<IResult> ShowAsync(string payment, Done done, IGrainFactory grains, Patience patience, Func<PaymentState, bool> isReached, CancellationToken cancellationToken)
    {
        var (state, isShown) = await patience.UntilAsync(grains.Payment(payment).Read, isReached, Wait, cancellationToken);
        var answer = PaymentResponse.Of(state);
        return isShown ? Answer.Ok(answer, done.Replayed) : Answer.Accepted(answer, done.Replayed);
    }

    /// <summary>Whether the account has taken note of all that was taken back.</summary>
    private static bool IsReversalNoted(PaymentState state) => state.Reversals.All(reversal => !reversal.Amount.IsPositive || reversal.SettledVersion > 0);

    /// <summary>Whether the outcome is known, and the account has noted it where it is the end.</summary>
    private static bool IsResolved(PaymentState state) =>
        state.Status != PaymentStatus.Unknown && (state.SettledVersion > 0 || state.Status is not (PaymentStatus.Succeeded or PaymentStatus.Failed));

    private static Refund? Find(PaymentState payment, IdempotencyKey key) => payment.Refunds.FirstOrDefault(refund => refund.Key == key);

    private static IdempotencyKey? Key(HttpContext http, Body body, string payment, string verb, params ReadOnlySpan<string> content) =>
        Idempotency.Command(Idempotency.Read(http, body, isRequired: true), $"/v1/payments/{payment}/{verb}", content);

    private static Money? Of(long? amount, Currency currency) => amount is { } minor ? new Money(minor, currency) : null;
}
