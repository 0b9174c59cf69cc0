using System.Collections.Immutable;

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
    public async Task<IResult?> ReplayAsync(string payment, PayFields fields, CancellationToken cancellationToken)
    {
        var known = await grains.Payment(payment).Read();
        if (known.Start is not { } start) return null;
        if (!string.Equals(start.Content, fields.Content, StringComparison.Ordinal))
        {
            return Problem.Of(Problems.IdempotencyMismatch, "This Idempotency-Key came with another content before.");
        }

        // After a gateway's error no answer is kept: the same key may try again.
        return known.FailedByError ? null : await OutcomeAsync(payment, since: 1, fields.Wait, replayed: true, cancellationToken);
    }

    /// <summary>Reserves, charges, and waits.</summary>
    public async Task<IResult> PayAsync(string account, string payment, IdempotencyKey key, ImmutableArray<string> invoices, PayFields fields, Instant now, CancellationToken cancellationToken)
    {
        var command = new Pay { Payment = payment, Key = key, Invoices = invoices, Method = fields.Method, OneOff = fields.OneOff };
        var reply = await grains.Account(account).Execute(new Call(command, now));
        if (reply is not Done done) return Problem.Of((Refused)reply);

        // A payment that is tried again after an error shows the error until its start arrives: only a later end counts.
        return await OutcomeAsync(done.Id ?? payment, since: done.Replayed ? 1 : done.StandingVersion, fields.Wait, done.Replayed, cancellationToken);
    }

    private async Task<IResult> OutcomeAsync(string id, long since, TimeSpan wait, bool replayed, CancellationToken cancellationToken)
    {
        var grain = grains.Payment(id);
        var (named, isNamed) = await patience.UntilAsync(grain.Read, payment => payment.Start is not null, Naming, cancellationToken);
        if (!isNamed) return Problem.Of(Problems.Unavailable, "The payment is accepted and has not begun; the same key shows what becomes of it.", ("payment", id));
        var (payment, isEnded) = await patience.UntilAsync(grain.Read, state => HasEnded(state, since) || IsLong(state), wait, cancellationToken);
        if (!isEnded || !HasEnded(payment, since)) return Answer.Accepted(PaymentResponse.Of(payment), replayed);
        if (payment.Status == PaymentStatus.Failed) return Failed(payment, replayed);
        var (_, isShown) = await patience.UntilAsync(() => AreShownAsync(payment), shown => shown, wait, cancellationToken);
        return isShown ? Answer.Ok(PaymentResponse.Of(payment), replayed) : Answer.Accepted(PaymentResponse.Of(payment), replayed);
    }

    private static bool HasEnded(PaymentState payment, long since) =>
        payment.Status is PaymentStatus.Succeeded or PaymentStatus.Failed && payment.SettledVersion >= since;

    /// <summary>Its outcome comes in minutes or days: nothing to wait for.</summary>
    private static bool IsLong(PaymentState payment) => payment.Status is PaymentStatus.Processing or PaymentStatus.Unknown;

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
        if (payment.FailedByError)
        {
            return Problem.Of(Problems.Unavailable, "The gateway could not be reached and did nothing. The same key may try again.", ("payment", payment.Id));
        }

        var code = payment.Newest?.Code;
        var problem = Problem.Of(
            Problems.PaymentDeclined, code is null ? "The payment did not go through; no money moved." : $"The payment was declined: {code}.",
            ("payment", payment.Id), ("decline_code", code));
        return replayed ? new Replayed(problem) : problem;
    }

    private sealed class Replayed(Problem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.Headers[Answer.ReplayedHeader] = "true";
            return problem.ExecuteAsync(http);
        }
    }
}
