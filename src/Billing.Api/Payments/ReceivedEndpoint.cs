namespace Billing.Api.Payments;

/// <summary>Money received elsewhere, always taken: what is payable is paid, the rest is prepayment.</summary>
internal static class ReceivedEndpoint
{
    public static void MapReceived(this IEndpointRouteBuilder api) =>
        api.MapPost("/v1/accounts/{account}/payments", ReceiveAsync)
            .Needs(Scope.Operate).Says("recordReceived", "Record money received elsewhere", "Always taken. The reference is its idempotency: the same again shows the payment, with other content it is `idempotency_mismatch`. `200` when the account and its invoices are written, `202` while that takes longer.")
            .Takes([Problems.NotFound, Problems.IdempotencyMismatch, Problems.ClockAdvancing], typeof(ReceivedRequest), """{"amount": 2000, "reference": "wire-2026-0417", "invoice": "inv-7", "received_at": "2026-03-05T10:00:00Z"}""")
            .Gives<PaymentResponse>(200, 202);

    private static async Task<IResult> ReceiveAsync(string account, HttpContext http, IGrainFactory grains, AccountClocks clocks, PayByHand payByHand)
    {
        var found = await clocks.ReadAsync(account);
        var body = await Body.ReadAsync(http);
        var fields = body.Fields;
        var amount = fields.Amount("amount", required: true, least: 1);
        var payment = ReadName(fields, account, out var reference);
        var invoice = ReadInvoice(fields);
        var receivedAt = fields.Instant("received_at");
        if (receivedAt > found?.Now.At) fields.Refuse("received_at", "Must not be after now.");
        if (body.Refusal() is { } refusal) return refusal;
        if (found is not { } known) return Problem.NoSuch("account");
        if (known.Now.Refusal() is { } busy) return busy;

        var profile = known.View.Profile;
        var command = new RecordReceived
        {
            Account = account,
            Amount = new Money(amount!.Value, profile.Currency!.Value),
            Reference = reference,
            Invoice = invoice,
            ReceivedAt = receivedAt,
            Clock = profile.TestClock,
            Test = profile.Test,
        };
        var reply = await grains.Payment(payment).Execute(new Call(command, known.Now.At));
        return reply is Done done
            ? await payByHand.OutcomeAsync(payment, since: 1, TimeSpan.FromSeconds(ApiBounds.WaitSecondsDefault), done.Replayed, http.RequestAborted)
            : Problem.Of((Refused)reply);
    }

    /// <summary>The payment's name, made of the reference.</summary>
    private static string ReadName(Fields fields, string account, out string reference)
    {
        reference = fields.Text("reference", ApiBounds.ReferenceLength, required: true) ?? "";
        if (!reference.All(c => c is > ' ' and < '~')) fields.Refuse("reference", $"Must be 1 to {ApiBounds.ReferenceLength} visible ASCII characters without ~.");
        var name = Ids.Received(account, reference);
        if (name.Length > Ids.MaxDerivedLength) fields.Refuse("reference", "Is too long: what is no letter, digit or one of . _ : - counts three times.");
        return name;
    }

    /// <summary>Any invoice's id, ours too; whether it can be paid the account decides, and takes the money in any case.</summary>
    private static string? ReadInvoice(Fields fields)
    {
        if (fields.Text("invoice", Ids.MaxDerivedLength) is not { } invoice) return null;
        if (!PathIds.CanExist(invoice)) fields.Refuse("invoice", "Can be the id of no invoice.");
        return invoice;
    }
}
