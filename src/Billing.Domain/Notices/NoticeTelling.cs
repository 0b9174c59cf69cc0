using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>Puts into a notice what the account looks like once everything of its decision is decided.</summary>
internal static class NoticeTelling
{
    /// <summary>The facts with everything that any notice tells.</summary>
    public static NoticeFacts Complete(AccountDraft draft, NoticeFacts about)
    {
        var account = draft.State;
        var rule = Standings.RuleOf(account, draft.Policies);
        var unpaid = Gate.Unpaid(account).OldestFirst().ToImmutableArray();
        var expected = Forecasts.IfNothingIsPaid(account, draft.Policies);
        return about with
        {
            At = draft.Now,
            Standing = account.StandingName,
            Message = rule?.Message,
            Unpaid = unpaid.Sum(account.Currency, invoice => invoice.Due),
            Invoices = [.. unpaid.Take(NoticeFacts.MostInvoices).Select(Of)],
            InvoicesLeftOut = Math.Max(0, unpaid.Length - NoticeFacts.MostInvoices),
            Next = about.Next ?? StepOf(draft, StandingRecorder.Forecast(account, draft.Policies, draft.Now)),
            NextAttemptAt = PlannedRungs.Of(expected, draft.Policies, draft.Now)
                .FirstOrDefault(rung => about.Invoice is null || string.Equals(rung.Invoice.Id, about.Invoice.Id, StringComparison.Ordinal))?.At,
            CancelAt = unpaid.Min(invoice => invoice.CancelAt(draft.Policies)),
            Method = about.Method ?? MethodOf(account, Rungs.CandidatesFor(account, MethodChoice.Default).FirstOrDefault()),
        };
    }

    /// <summary>An invoice as a notice names it.</summary>
    public static NoticeInvoice Of(OpenInvoice invoice) => new(invoice.Id, invoice.Number, invoice.DueAt, invoice.Due);

    /// <summary>A method as its owner knows it; never its token.</summary>
    public static NoticeMethod? MethodOf(AccountState account, MethodCandidate? candidate) =>
        candidate is null ? null : account.Methods.Find(candidate.Method) is { } known ? new NoticeMethod(known.Kind, known.Brand, known.Last4) : new NoticeMethod(candidate.Kind);

    /// <summary>An automatic attempt that was declined.</summary>
    public static NoticeFacts Declined(AccountDraft draft, OpenInvoice invoice, Attempt attempt) => new()
    {
        Kind = NoticeKind.AttemptFailed,
        Invoice = Of(invoice),
        Method = MethodOf(draft.State, attempt.Candidate) ?? new NoticeMethod(attempt.Candidate.Kind),
        Code = attempt.Code,
    };

    /// <summary>An invoice that was issued, line by line.</summary>
    public static NoticeFacts Issued(AccountDraft draft, OpenInvoice invoice, InvoiceContent content)
    {
        var zero = Money.Zero(draft.State.Currency);
        return new NoticeFacts
        {
            Kind = NoticeKind.Invoice,
            Invoice = Of(invoice),
            Document = new NoticeDocument
            {
                IssuedAt = invoice.IssuedAt,
                Lines = [.. content.Lines.Select(line => line.Description.Length <= NoticeFacts.DescriptionLength ? line : line with { Description = Cut(line.Description) })],
                Net = zero with { MinorUnits = content.Net },
                Promo = invoice.Promo.Sum(draft.State.Currency, part => part.Amount),
                Tax = invoice.Tax ?? zero,
                Total = invoice.Total,
                ChargedAt = invoice.Collection == Collection.Manual ? null : draft.RulesOf(invoice).Charge == ChargeTime.AtDue ? invoice.DueAt : invoice.IssuedAt,
            },
        };
    }

    /// <summary>A step that waits for this notice: the earliest instant at which it can be taken.</summary>
    public static NoticeFacts Warns(AccountDraft draft, StandingRule rule, RequiredNotice required, Instant at)
    {
        var earliest = at + required.AtLeast;
        var holds = Standings.HoldsFrom(draft.State, rule, draft.Policies) ?? earliest;
        return new NoticeFacts { Kind = NoticeKind.Warning, Next = StepOf(draft, new StandingStep(rule.Name, Instant.Max(holds, earliest))) };
    }

    private static NoticeStep? StepOf(AccountDraft draft, StandingStep? step)
    {
        if (step is null) return null;
        var severity = draft.Policy.SeverityOf(step.Name);
        return severity < 0 ? null : new NoticeStep(step.Name, step.At, draft.Policy.Standings[severity].Deletes, draft.Policy.Standings[severity].PowersDown);
    }

    /// <summary>Cut between characters, never within one of two UTF-16 units.</summary>
    private static string Cut(string text)
    {
        var length = NoticeFacts.DescriptionLength - 1;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length), "…");
    }
}
