namespace Billing.Api.Invoices;

/// <summary>
/// Tells an invoice's account what happens to it, and waits until the document shows it. The account, which knows what is
/// due, decides; a repeated key meets its first answer before the present status stands in the way.
/// </summary>
internal sealed class InvoiceCommands(IGrainFactory grains, AccountClocks clocks, Patience patience)
{
    /// <summary>Sends a command once the request is in order, the invoice exists, and its clock stands still.</summary>
    /// <param name="http">The request, which says who makes it.</param>
    /// <param name="invoice">The invoice's id.</param>
    /// <param name="body">The request.</param>
    /// <param name="command">What the account is told.</param>
    /// <param name="isShown">Whether the document shows it; the number is that of the account's facts with this one.</param>
    public async Task<IResult> SendAsync(HttpContext http, string invoice, Body body, Func<InvoiceState, Message> command, Func<InvoiceState, long, bool> isShown)
    {
        if (body.Refusal() is { } refusal) return refusal;
        if (await InvoiceEndpoints.FindAsync(invoice, grains, clocks) is not var (known, now)) return Problem.NoSuch("invoice");
        if (now.Refusal() is { } busy) return busy;
        var reply = await grains.Account(known.Account!).Execute(http.Call(command(known), now.At));
        if (reply is not Done done) return await ExplainAsync(invoice, (Refused)reply);

        // A repeated call shows the invoice as it stands by now: what came later may have undone this.
        if (done.Replayed) return Answer.Ok(InvoiceResponse.Of(await grains.Invoice(invoice).Read(), now.At), replayed: true);
        var (last, isReached) = await patience.UntilAsync(
            grains.Invoice(invoice).Read, state => isShown(state, done.StandingVersion), TimeSpan.FromSeconds(ApiBounds.WaitSecondsDefault), http.RequestAborted);
        var answer = InvoiceResponse.Of(last, now.At);
        return isReached ? Answer.Ok(answer) : Answer.Accepted(answer);
    }

    /// <summary>Why an invoice of this status cannot be paid or changed; <see langword="null"/> where it can.</summary>
    public static Problem? NotPayable(InvoiceStatus status) => status switch
    {
        InvoiceStatus.Draft => Problem.Of(Problems.InvoiceNotPayable, "It is not issued yet. A draft has to be finalized; one that is on its way is open in a moment."),
        InvoiceStatus.Paid => Problem.Of(Problems.InvoiceNotPayable, "It is paid."),
        InvoiceStatus.Void => Problem.Of(Problems.InvoiceNotPayable, "It is void."),
        InvoiceStatus.Cancelled => Problem.Of(Problems.InvoiceCancelled, "It is cancelled."),
        _ => null,
    };

    /// <summary>The account forgets invoices that are closed; the document knows how it was closed.</summary>
    private async Task<IResult> ExplainAsync(string invoice, Refused refused)
    {
        var isClosed = refused.Code is Problems.InvoiceNotPayable or Problems.NotFound;
        return isClosed && NotPayable((await grains.Invoice(invoice).Read()).Status) is { } why ? why : Problem.Of(refused);
    }
}
