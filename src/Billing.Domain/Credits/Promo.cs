using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>Promotional credit: spent on charges before tax when an invoice is issued; given back when it is withdrawn, unless it has expired.</summary>
internal static class Promo
{
    /// <summary>Spends promo on a charge: what expires first, then the oldest.</summary>
    public static ImmutableArray<PromoPart> Spend(AccountDraft draft, Money charge)
    {
        var parts = ImmutableArray.CreateBuilder<PromoPart>();
        while (charge.IsPositive && draft.State.Promo.FirstOrDefault(lot => lot.ExpiresAt is not { } end || end > draft.Now) is { } lot)
        {
            var part = Money.Min(lot.Amount, charge);
            charge -= part;
            parts.Add(new PromoPart(lot.Id, part, lot.At, lot.ExpiresAt));
            Keep(draft, lot with { Amount = lot.Amount - part });
            draft.State = draft.State with { Totals = draft.State.Totals! with { Applied = draft.State.Totals.Applied + part } };
        }

        return parts.ToImmutable();
    }

    /// <summary>The promo of an invoice that is withdrawn: given back, unless it has expired.</summary>
    public static void GiveBack(AccountDraft draft, OpenInvoice invoice)
    {
        foreach (var part in invoice.Promo)
        {
            var totals = draft.State.Totals!;
            draft.State = draft.State with { Totals = totals with { Applied = totals.Applied - part.Amount } };
            var known = draft.State.Promo.FirstOrDefault(lot => string.Equals(lot.Id, part.Lot, StringComparison.Ordinal));
            Keep(draft, new PromoLot(part.Lot, part.Amount + (known?.Amount ?? Money.Zero(part.Amount.Currency)), part.GrantedAt, part.ExpiresAt));
            if (part.ExpiresAt <= draft.Now) Expire(draft, draft.State.Promo.First(lot => string.Equals(lot.Id, part.Lot, StringComparison.Ordinal)));
        }
    }

    /// <summary>A lot's time is over.</summary>
    public static void Expire(AccountDraft draft, PromoLot lot)
    {
        var totals = draft.State.Totals!;
        Keep(draft, lot with { Amount = Money.Zero(lot.Amount.Currency) });
        draft.State = draft.State with { Totals = totals with { Expired = (totals.Expired ?? Money.Zero(lot.Amount.Currency)) + lot.Amount } };
        draft.Record("credit.expired", lot.ExpiresAt!.Value, new JsonObject
        {
            ["credit"] = lot.Id,
            ["amount"] = lot.Amount.MinorUnits,
            ["currency"] = lot.Amount.Currency.Code,
            ["postings"] = Postings.Of((Postings.Promo, lot.Amount), (Postings.Revenue, -lot.Amount)),
        });
    }

    /// <summary>Puts a lot in its place; an empty one is forgotten.</summary>
    public static void Keep(AccountDraft draft, PromoLot lot)
    {
        var others = draft.State.Promo.RemoveAll(other => string.Equals(other.Id, lot.Id, StringComparison.Ordinal));
        draft.State = draft.State with
        {
            Promo = lot.Amount.IsPositive ? [.. others.Add(lot).OrderBy(item => item.ExpiresAt ?? NodaTime.Instant.MaxValue).ThenBy(item => item.At)] : others,
        };
    }
}
