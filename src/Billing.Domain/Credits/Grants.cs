using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>Credit that an operator grants, and prepayment that is sent back.</summary>
internal static class Grants
{
    /// <summary>Grants credit. Prepayment pays at once what is unpaid and free.</summary>
    public static Reply Grant(AccountDraft draft, GrantCredit command)
    {
        if (Idempotency.Before(draft, command.Key, command.Credit) is { } before) return before;
        if (Check(draft, command) is { } refused) return refused;

        var totals = draft.State.Totals!;
        draft.State = draft.State with { Totals = totals with { Granted = (totals.Granted ?? Money.Zero(command.Amount.Currency)) + command.Amount } };
        var isPromo = command.Kind == CreditKind.Promo;
        if (isPromo) Promo.Keep(draft, new PromoLot(command.Credit, command.Amount, draft.Now, command.ExpiresAt));
        else Credit.AddLot(draft, new PrepaymentLot(command.Credit, command.Amount, draft.Now, IsGranted: true));
        draft.Record("credit.granted", new JsonObject
        {
            ["credit"] = command.Credit,
            ["kind"] = isPromo ? "promo" : "prepayment",
            ["amount"] = command.Amount.MinorUnits,
            ["currency"] = command.Amount.Currency.Code,
            ["postings"] = Postings.Of((Postings.Revenue, command.Amount), (isPromo ? Postings.Promo : Postings.Prepayment, -command.Amount)),
        });
        Idempotency.Remember(draft, command.Key);
        return new Done(command.Credit, draft.NextVersion);
    }

    /// <summary>Sends prepayment back through the payments it came from, newest first; it counts as their refund.</summary>
    public static Reply Refund(AccountDraft draft, RefundCredit command)
    {
        if (Idempotency.Before(draft, command.Key) is { } before) return before;
        if (!draft.Policies[Standings.PolicyOf(draft.State, draft.Policies)].OffersRefunds) return new Refused(Problems.RefundsRefused, "The account's policy offers no refunds.");
        var lots = draft.State.Prepayment.Where(lot => !lot.IsGranted && draft.State.Disputes.All(dispute => dispute.Payment != lot.Payment)).Reverse().ToImmutableArray();
        if (!command.Amount.IsPositive || command.Amount > lots.Sum(draft.State.Currency, lot => lot.Amount))
        {
            return new Refused(Problems.InvalidRequest, "There is not so much prepayment to send back.", [new FieldError("amount", "At most the prepayment that came from payments.")]);
        }

        var left = command.Amount;
        foreach (var lot in lots.TakeWhile(_ => left.IsPositive))
        {
            var part = Money.Min(lot.Amount, left);
            left -= part;
            Refunds.FromPrepayment(draft, lot.Payment, part);
            draft.TellPayment(lot.Payment, new PaymentApplied(draft.NextVersion, [], -part));
            draft.TellPayment(lot.Payment, new RefundPrepayment(Ids.CreditRefund(lot.Payment, draft.NextVersion), part, draft.NextVersion));
        }

        Idempotency.Remember(draft, command.Key);
        return new Done(null, draft.NextVersion);
    }

    private static Refused? Check(AccountDraft draft, GrantCredit command)
    {
        if (command.Amount.Currency != draft.State.Currency || !command.Amount.IsPositive) return Wrong("amount", "More than nothing, in the account's currency.");
        if (command.Kind == CreditKind.Prepayment) return command.ExpiresAt is null ? null : Wrong("expires_at", "Prepayment never expires.");
        if (command.ExpiresAt <= draft.Now) return Wrong("expires_at", "Must be after now.");
        return draft.State.Promo.Length >= AccountLimits.PromoLots ? new Refused(Problems.TooMany, $"At most {AccountLimits.PromoLots} promotional credits for an account.") : null;
    }

    private static Refused Wrong(string field, string message) => new(Problems.InvalidRequest, "The credit cannot be granted so.", [new FieldError(field, message)]);
}
