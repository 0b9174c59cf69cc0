using System.Collections.Immutable;
using Billing.Api.PaymentMethods;
using NodaTime.Text;

namespace Billing.Api.Payments;

/// <summary>
/// Pays by hand and waits, outside the grains, for both last writes: the account's and its invoices'. The payment's name is
/// derived from account, path and key, so a repeated call meets the first one's payment, restart or not.
/// </summary>
internal sealed class PayByHand(IGrainFactory grains, Patience patience)
{
    /// <summary>How long a payment may take to exist after the account has reserved for it; in practice milliseconds.</summary>
    private static readonly TimeSpan Naming = TimeSpan.FromSeconds(ApiBounds.WaitSecondsDefault);

    /// <summary>The answer of an earlier call with this key, as its payment stands by now; <see langword="null"/> where there is none.</summary>
    public async Task<IResult?> ReplayAsync(HttpContext http, string payment, PayFields fields)
    {
        var known = await grains.Payment(payment).Read();
        if (known.Start is not { } start) return null;
        if (!string.Equals(start.Content, fields.Content, StringComparison.Ordinal))
        {
            return Problem.Of(Once.Mismatch);
        }

        // After a gateway's error, or at a card network's ceiling, no answer is kept: the same key may try again.
        if (known.FailedByError || known.FailedAtCeiling) return null;
        return await OutcomeAsync(payment, since: 1, fields.Wait, replayed: true, http.RequestAborted);
    }

    /// <summary>Reserves, charges, and waits.</summary>
    public async Task<IResult> PayAsync(
        HttpContext http, string account, string payment, IdempotencyKey key, ImmutableArray<string> invoices, PayFields fields, Instant now, string? link = null)
    {
        // What the gateway knows of a card tells whether the card networks allow another attempt with it, and whether the policy takes it.
        var command = new Pay { Payment = payment, Key = key, Invoices = invoices, Method = fields.Method, Link = link, Expected = fields.Expected };
        if (fields.OneOff is { } oneOff && await fields.Gateway!.DescribeAsync(oneOff.Token, http.RequestAborted) is var known)
        {
            command = command with { OneOff = MethodFields.Known(oneOff, known), Keep = fields.Keep ? MethodFields.Face(known) : null };
        }

        var reply = await grains.Account(account).Execute(http.Call(command, now));
        if (reply is not Done done) return Problem.Of((Refused)reply);

        // A payment that is tried again after an error shows the error until its start arrives: only a later end counts.
        return await OutcomeAsync(done.Id ?? payment, since: done.Replayed ? 1 : done.StandingVersion, fields.Wait, done.Replayed, http.RequestAborted);
    }

    /// <summary>What became of a payment, as soon as it has ended and its invoices show it, or what is known after the wait.</summary>
    /// <param name="id">The payment.</param>
    /// <param name="since">Only an end that the account noted with this fact or a later one counts.</param>
    /// <param name="wait">How long to wait.</param>
    /// <param name="replayed">Whether the effect is an earlier call's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IResult> OutcomeAsync(string id, long since, TimeSpan wait, bool replayed, CancellationToken cancellationToken)
    {
        var grain = grains.Payment(id);
        var (named, isNamed) = await patience.UntilAsync(grain.Read, payment => payment.Start is not null, Naming, cancellationToken);
        if (!isNamed) return Problem.Of(Problems.Unavailable, "The payment is accepted and has not begun; the same key shows what becomes of it.", ("payment", id));
        var (payment, isEnded) = await patience.UntilAsync(grain.Read, state => HasEnded(state, since) || IsLong(state), wait, cancellationToken);
        if (!isEnded && payment is { Status: PaymentStatus.Created, Start.OnHold: true })
        {
            return Problem.Of(Problems.PaymentInFlight, "Another payment has to be cancelled at its gateway first, which has not confirmed it. The same key shows what becomes of this one.", ("payment", id));
        }

        if (!isEnded || !HasEnded(payment, since)) return Answer.Accepted(PaymentResponse.Of(payment), replayed);
        if (payment.Status == PaymentStatus.Failed) return Failed(payment, replayed);
        if (payment.Status == PaymentStatus.Cancelled && !await IsAnythingDueAsync(payment)) return Problem.Of(Problems.NothingDue, "Other money paid it before this payment began.", ("payment", id));
        if (payment is { Status: PaymentStatus.Cancelled, Attempts.IsEmpty: true })
        {
            return Problem.Of(Problems.PaymentInFlight, "Another payment could not be cancelled at its gateway, so this one was given up and has moved no money. Another key may try again when the other payment has ended.", ("payment", id));
        }

        var (_, isShown) = await patience.UntilAsync(() => AreShownAsync(payment), shown => shown, wait, cancellationToken);
        return isShown ? Answer.Ok(PaymentResponse.Of(payment), replayed) : Answer.Accepted(PaymentResponse.Of(payment), replayed);
    }

    private static bool HasEnded(PaymentState payment, long since) => payment.IsOver && payment.SettledVersion >= since;

    /// <summary>Its outcome comes in minutes or days, or from the customer: nothing to wait for.</summary>
    private static bool IsLong(PaymentState payment) => payment.Status is PaymentStatus.Processing or PaymentStatus.Unknown or PaymentStatus.AwaitingCustomer;

    private async Task<bool> IsAnythingDueAsync(PaymentState payment)
    {
        foreach (var invoice in payment.Start!.Invoices)
        {
            if (await grains.Invoice(invoice).Read() is { Status: InvoiceStatus.Open or InvoiceStatus.WrittenOff, Due.IsPositive: true }) return true;
        }

        return false;
    }

    /// <summary>Whether every invoice that it paid shows it.</summary>
    private async Task<bool> AreShownAsync(PaymentState payment)
    {
        foreach (var invoice in payment.Allocations.Select(allocation => allocation.Invoice).Distinct(StringComparer.Ordinal))
        {
            if ((await grains.Invoice(invoice).Read()).StandingVersion < payment.SettledVersion) return false;
        }

        return true;
    }

    private static IResult Failed(PaymentState payment, bool replayed)
    {
        if (payment.FailedAtCeiling)
        {
            var freeAt = InstantPattern.ExtendedIso.Format(payment.FreeAt!.Value);
            return Problem.Of(
                Problems.MethodNotUsable, $"The card network allows no further attempt with this card before {freeAt}. Another method may be used now.",
                ("payment", payment.Id), ("free_at", freeAt));
        }

        if (payment.FailedByError)
        {
            return Problem.Of(Problems.Unavailable, "The gateway could not be reached and did nothing. The same key may try again.", ("payment", payment.Id));
        }

        var code = payment.Newest?.Code;
        var problem = Problem.Of(
            Problems.PaymentDeclined, code is null ? "The payment did not go through; no money moved." : $"The payment was declined: {code}.",
            ("payment", payment.Id), ("decline_code", code));
        return replayed ? Answer.Again(problem) : problem;
    }
}
