using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>A rung that is still ahead.</summary>
/// <param name="Invoice">The invoice.</param>
/// <param name="Number">Its place in the ladder.</param>
/// <param name="At">When it is due.</param>
internal sealed record PlannedRung(OpenInvoice Invoice, int Number, Instant At);

/// <summary>The automatic attempts that an account can expect. The ladder is the invoice's; when its rungs are due follows from the rules and the end of rung 0.</summary>
internal static class PlannedRungs
{
    /// <summary>The rungs after an instant, if every one fails, in order.</summary>
    /// <param name="account">The account, its invoices as they are if nothing is paid.</param>
    /// <param name="policies">The versions that the invoices keep.</param>
    /// <param name="after">Rungs before it have come; at it only those of invoices that were issued then.</param>
    public static IEnumerable<PlannedRung> Of(AccountState account, PolicyBook policies, Instant after)
    {
        if (account.Controls.AutoPayOffSince is not null) return [];
        return account.Invoices.Where(IsAttempted).SelectMany(invoice => Of(invoice, policies[invoice.Rules].Collection))
            .Where(rung => rung.At > after)
            .OrderBy(rung => rung.At).ThenBy(rung => rung.Invoice.DueAt).ThenBy(rung => rung.Invoice.Sequence);
    }

    /// <summary>A rung comes and nothing is paid by a method. Money on hand is applied first, as it is by any rung.</summary>
    public static void Fail(AccountDraft draft, PlannedRung rung, Instant at)
    {
        if (draft.State.Invoices.Find(rung.Invoice.Id) is { ReservedBy: null, AwaitedBy: null }) Credit.Spend(draft, [rung.Invoice.Id], at);
        if (draft.State.Invoices.Find(rung.Invoice.Id) is not { } invoice) return;
        var rules = draft.RulesOf(invoice);
        var methods = Rungs.CandidatesFor(draft.State, rung.Number == 0 ? rules.Methods : rules.RetryMethods);
        var isSkipped = methods.IsEmpty || invoice.IsSmall(draft.Policies);
        if (!isSkipped && rules.AttemptFailedNotice is { } notice) foreach (var _ in methods) draft.Promise(notice, new NoticeFacts { Kind = NoticeKind.AttemptFailed });
        draft.Record("rung.ended", at, new JsonObject { ["invoice"] = invoice.Id, ["rung"] = rung.Number, ["result"] = isSkipped ? "skipped" : "failed" });
    }

    private static bool IsAttempted(OpenInvoice invoice) => invoice is { Collection: Collection.Automatic, IsDueAgain: false, IsWrittenOff: false, Rung0EndedAt: not null };

    private static IEnumerable<PlannedRung> Of(OpenInvoice invoice, CollectionRules rules)
    {
        var rung0 = invoice.Rung0EndedAt!.Value;
        yield return new PlannedRung(invoice, 0, rung0);
        for (var i = 0; i < rules.RetryAfter.Length; i++) yield return new PlannedRung(invoice, i + 1, rung0 + rules.RetryAfter[i]);
    }
}
