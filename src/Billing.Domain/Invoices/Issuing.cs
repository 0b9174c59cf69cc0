using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>The account's side of an invoice's beginning: it is owed from the write that issues it.</summary>
internal static class Issuing
{
    /// <summary>Issues an invoice that a caller made, or says why not.</summary>
    public static Reply Issue(AccountDraft draft, IssueInvoice command)
    {
        if (draft.State.Invoices.Length >= AccountLimits.OpenInvoices)
        {
            draft.TellInvoice(command.Invoice, new IssueDenied(Problems.TooMany, $"At most {AccountLimits.OpenInvoices} open invoices for an account."));
        }
        else if (command.Content.Subscriptions.FirstOrDefault(id => draft.State.Subscriptions.Find(id) is null) is { } unknown)
        {
            draft.TellInvoice(command.Invoice, new IssueDenied(Problems.InvalidRequest, $"There is no subscription '{unknown}'."));
        }
        else
        {
            var issued = Owe(draft, command.Invoice, command.Content, out var invoice);
            draft.TellInvoice(command.Invoice, issued);
            Begin(draft, invoice, command.Content);
        }

        return new Done(command.Invoice, draft.NextVersion);
    }

    /// <summary>Makes and issues an invoice of the account's own: a renewal.</summary>
    public static void Make(AccountDraft draft, string id, InvoiceContent content)
    {
        var issued = Owe(draft, id, content, out var invoice);
        draft.TellInvoice(id, new InvoiceMade(draft.Id, draft.State.Existing.TestClock, draft.State.Existing.Test, content, issued));
        Begin(draft, invoice, content);
    }

    /// <summary>Gives the invoice its number, promo, tax, due time and rules, and owes it: one write.</summary>
    private static InvoiceIssued Owe(AccountDraft draft, string id, InvoiceContent content, out OpenInvoice invoice)
    {
        var rules = Standings.PolicyOf(draft.State, draft.Policies);
        var collection = draft.Policies[rules].Collection;
        var net = new Money(content.Net, draft.State.Currency);
        var promo = Promo.Spend(draft, net);
        var used = promo.Sum(draft.State.Currency, part => part.Amount);
        var tax = Tax(net - used, draft.State.Existing.TaxRate ?? 0m);
        var total = net - used + tax;
        var dueAt = content.DueAt is { } asked ? Instant.Max(asked, draft.Now) : draft.Now + collection.DueAfter;
        var sequence = draft.State.InvoicesNumbered + 1;
        invoice = new OpenInvoice
        {
            Id = id,
            Number = $"INV-{sequence:D6}",
            Sequence = sequence,
            Collection = content.Collection,
            Rules = rules,
            IssuedAt = draft.Now,
            DueAt = dueAt,
            Total = total,
            Tax = tax,
            Due = total,
            Promo = promo,
            Subscriptions = content.Subscriptions,
            IsAnnounced = collection.BeforeDueNotice is not { } notice || dueAt - notice.Before <= draft.Now,
        };
        return new InvoiceIssued
        {
            Number = invoice.Number,
            IssuedAt = invoice.IssuedAt,
            DueAt = dueAt,
            Total = total,
            Tax = tax,
            Promo = used,
            Rules = rules,
            FirstRungAt = content.Collection == Collection.Automatic ? collection.Charge == ChargeTime.AtDue ? dueAt : draft.Now : null,
            RetryAfter = collection.RetryAfter,
            StandingVersion = draft.NextVersion,
        };
    }

    private static void Begin(AccountDraft draft, OpenInvoice invoice, InvoiceContent content)
    {
        var zero = Money.Zero(draft.State.Currency);
        var (tax, promo) = (invoice.Tax ?? zero, invoice.Promo.Sum(draft.State.Currency, part => part.Amount));
        draft.State = draft.State with { InvoicesNumbered = invoice.Sequence, Invoices = draft.State.Invoices.Add(invoice) };
        draft.Record("invoice.issued", new JsonObject
        {
            ["invoice"] = invoice.Id,
            ["kind"] = "standard",
            ["number"] = invoice.Number,
            ["total"] = invoice.Total.MinorUnits,
            ["tax"] = tax.MinorUnits,
            ["currency"] = draft.State.Currency.Code,
            ["postings"] = Postings.Of((Postings.Receivable, invoice.Total), (Postings.Promo, promo), (Postings.Tax, -tax), (Postings.Revenue, tax - invoice.Total - promo)),
        });
        if (draft.RulesOf(invoice).IssuedNotice is { } notice) draft.Promise(notice, NoticeTelling.Issued(draft, invoice, content));
        if (invoice.Total.IsZero) Corrections.ClosePaid(draft, invoice, draft.Now);
    }

    /// <summary>Rounded half away from zero, once an invoice.</summary>
    private static Money Tax(Money net, decimal rate) =>
        net with { MinorUnits = (long)decimal.Round(net.MinorUnits * rate, MidpointRounding.AwayFromZero) };
}
