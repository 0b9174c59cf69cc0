using System.Text.Json;
using Billing.Domain;
using Billing.Embedded.Storage;
using Billing.Gateways;
using Billing.Simulation.Histories;
using Billing.Simulation.Installations;
using NodaTime;

namespace Billing.Simulation.Checks;

/// <summary>A property that is looked at while a history is lived.</summary>
internal interface IHistoryCheck
{
    /// <summary>After each step of a history; messages may be under way.</summary>
    void AfterStep(Installation world, Actor actor);

    /// <summary>At the end, when everything is settled.</summary>
    void AtEnd(Installation world, Actor actor);
}

/// <summary>Everything that must be true of an installation, asked after each step and at the end.</summary>
internal sealed class Net(Installation world, IReadOnlyList<Actor> actors)
{
    /// <summary>The properties. One more is one more line here.</summary>
    private readonly IHistoryCheck[] _checks = [new Facts(), new Events(), new Ledger(), new Unpaid(), new Ladders()];

    public void AfterStep()
    {
        if (world.Failures.Unexpected.Count > 0) throw new CheckFailedException($"a grain failed: {world.Failures.Unexpected[0]}");
        foreach (var actor in actors)
        {
            foreach (var check in _checks) check.AfterStep(world, actor);
        }

        world.Written.Clear();
    }

    public void AtEnd()
    {
        foreach (var actor in actors)
        {
            foreach (var check in _checks) check.AtEnd(world, actor);
        }
    }

    public static void Require(bool isSo, Func<string> otherwise)
    {
        if (!isSo) throw new CheckFailedException(otherwise());
    }
}

/// <summary>The invariants of the account's facts; what was acknowledged exists; one live payment for an invoice.</summary>
internal sealed class Facts : IHistoryCheck
{
    public void AfterStep(Installation world, Actor actor)
    {
        var account = world.Account(actor.Account);
        if (world.Written.Contains(GrainKeys.Account(actor.Account)))
        {
            var broken = Invariants.Broken(account);
            Net.Require(broken.IsEmpty, () => string.Join("; ", broken));
        }

        foreach (var key in world.Written.Where(key => key.StartsWith("inv/", StringComparison.Ordinal)))
        {
            var broken = Invariants.Broken(world.Invoice(GrainKeys.Id(key)));
            Net.Require(broken.IsEmpty, () => string.Join("; ", broken));
        }

        var live = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in world.Keys.Where(key => key.StartsWith("pay/", StringComparison.Ordinal)))
        {
            var payment = world.Payment(GrainKeys.Id(key));
            if (payment.Status is not (PaymentStatus.Submitting or PaymentStatus.Processing or PaymentStatus.Unknown)) continue;
            foreach (var invoice in payment.Start!.Invoices.Where(id => account.Invoices.Find(id) is not null))
            {
                Net.Require(live.TryAdd(invoice, payment.Id), () => $"{invoice} has two live payments, {live[invoice]} and {payment.Id}");
            }
        }
    }

    public void AtEnd(Installation world, Actor actor)
    {
        foreach (var key in actor.Acknowledged) Net.Require(world.Keys.Contains(key, StringComparer.Ordinal), () => $"{key} was acknowledged and does not exist");
        var account = world.Account(actor.Account);
        foreach (var pending in account.Payments.Where(payment => payment.IsLive))
        {
            // A renewal's, as late as that: the bank takes its time.
            Net.Require(world.Gateway.Charges.Any(charge => charge.Payment == pending.Id && charge.Status == ChargeStatus.Processing), () => $"{pending} is live, and the gateway has nothing under way");
        }

        foreach (var open in account.Invoices) Net.Require(world.Invoice(open.Id).Due == open.Due, () => $"{open.Id}: the account says {open.Due} is due, the invoice {world.Invoice(open.Id).Due}");
    }
}

/// <summary>Events are numbered without a gap, none comes twice, postings sum to zero, and their sums are the account's.</summary>
internal sealed class Events : IHistoryCheck
{
    private static readonly string[] s_once = ["invoice.issued", "credit.granted", "payment.refunded"];

    private readonly Dictionary<string, long> _sums = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private long _numbered;
    private long _read;

    public Dictionary<string, long> Sums => _sums;

    public void AfterStep(Installation world, Actor actor)
    {
        foreach (var e in world.Events(actor.Account, _read))
        {
            _read = e.Seq;
            Net.Require(e.AccountSeq == ++_numbered, () => $"event {e.AccountSeq} comes after {_numbered - 1}");
            Net.Require(e.OccurredAt <= e.RecordedAt, () => $"{e.Type} occurred after it was recorded");
            if (world.Trace is not null) world.Note($"    event {e.Type} {e.EffectiveAt:s} {e.Data}");
            if (s_once.Contains(e.Type, StringComparer.Ordinal) && NameOf(e) is { } name) Net.Require(_seen.Add($"{e.Type} {name}"), () => $"{e.Type} of {name} comes twice");
            if (e.Data.ValueKind != JsonValueKind.Object || !e.Data.TryGetProperty("postings", out var postings)) continue;
            var sum = 0L;
            foreach (var line in postings.EnumerateArray())
            {
                var (name2, amount) = (line.GetProperty("account").GetString()!, line.GetProperty("amount").GetInt64());
                _sums[name2] = _sums.GetValueOrDefault(name2) + amount;
                sum += amount;
            }

            Net.Require(sum == 0, () => $"{e.Type}: postings sum to {sum}: {e.Data}");
        }

        if (!world.Written.Contains(GrainKeys.Account(actor.Account))) return;
        var account = world.Account(actor.Account);
        var receivable = account.Invoices.Where(invoice => !invoice.IsWrittenOff).Sum(invoice => invoice.Due.MinorUnits);
        Agree("receivable", receivable);
        Agree("prepayment", -account.Prepayment.Sum(lot => lot.Amount.MinorUnits));
        Agree("promo", -account.Promo.Sum(lot => lot.Amount.MinorUnits));
        Agree("write_off", account.Invoices.Where(invoice => invoice.IsWrittenOff).Sum(invoice => invoice.Due.MinorUnits));
    }

    public void AtEnd(Installation world, Actor actor)
    {
        var charges = world.Gateway.Charges.Sum(charge => charge.Left);
        var received = world.Payments.Where(payment => payment.Reference is not null)
            .Sum(payment => Ledger.Units(payment.Captured) - Ledger.Units(payment.Refunded) - Ledger.Units(payment.Reversed));
        if (!Ledger.IsKnownToDiffer(world, actor)) Agree("cash", charges + received);
    }

    private static string? NameOf(MemoryEvent e) =>
        e.Data.TryGetProperty("refund", out var refund) ? refund.GetString() : e.Type == "payment.refunded" ? null
        : e.Data.TryGetProperty("invoice", out var invoice) ? invoice.GetString() : e.Data.TryGetProperty("credit", out var credit) ? credit.GetString() : null;

    private void Agree(string posted, long is_) => Net.Require(_sums.GetValueOrDefault(posted) == is_, () => $"the postings of {posted} sum to {_sums.GetValueOrDefault(posted)}, and there is {is_}");
}

/// <summary>The gateway's ledger and ours, cent for cent; and never two successes for one debt.</summary>
internal sealed class Ledger : IHistoryCheck
{
    public void AfterStep(Installation world, Actor actor)
    {
        foreach (var payment in Payments(world)) NoMoreIsTakenThanCame(payment);
        if (!world.IsSettled) return;
        foreach (var payment in Payments(world).Where(payment => !IsOpen(payment))) Compare(world, actor, payment);
        NoDebtIsPaidTwice(world, actor);
    }

    public void AtEnd(Installation world, Actor actor)
    {
        foreach (var payment in Payments(world))
        {
            if (!IsOpen(payment)) Compare(world, actor, payment);
        }

        NoDebtIsPaidTwice(world, actor);
    }

    public static long Units(Money? money) => money?.MinorUnits ?? 0;

    /// <summary>Whether an operator's word, or a refund that the gateway will not send, stands between the two books.</summary>
    public static bool IsKnownToDiffer(Installation world, Actor actor) => Payments(world).Any(payment => IsKnownToDiffer(actor, payment));

    private static bool IsKnownToDiffer(Actor actor, PaymentState payment) => actor.Resolved.Contains(payment.Id) || payment.Refunds.Any(refund => refund.Status == RefundStatus.Failed);

    private static IEnumerable<PaymentState> Payments(Installation world) =>
        world.Payments;

    /// <summary>Whether something about it is not known yet: it will ask, or be told.</summary>
    private static bool IsOpen(PaymentState payment) =>
        payment.Status is PaymentStatus.Created or PaymentStatus.Submitting or PaymentStatus.Processing or PaymentStatus.Unknown or PaymentStatus.AwaitingCustomer || payment.DueAt is not null || payment.RefundDueAt is not null;

    private static void Compare(Installation world, Actor actor, PaymentState payment)
    {
        var unsent = payment.Refunds.Where(refund => refund.Status == RefundStatus.Failed).Sum(refund => Units(refund.Amount));
        Net.Require(Units(payment.Refunded) - unsent + Units(payment.Reversed) <= Units(payment.Captured) + Lost(world, actor, payment), () => $"{payment.Id}: more went back than came: {payment}");
        if (payment.Reference is not null || IsKnownToDiffer(actor, payment)) return;
        var charges = world.Gateway.Charges.Where(charge => string.Equals(charge.Payment, payment.Id, StringComparison.Ordinal)).ToArray();
        var theirs = (Captured: charges.Sum(charge => charge.Captured), Refunded: charges.Sum(charge => charge.Refunded), Reversed: charges.Sum(charge => charge.Reversed));
        var ours = (Captured: Units(payment.Captured), Refunded: Units(payment.Refunded), Reversed: Units(payment.Reversed));
        Net.Require(theirs == ours, () => $"{payment.Id}: the gateway says {theirs}, we say {ours}; {string.Join(", ", charges.Select(charge => charge.ToString()))}");
        var lies = payment.Allocations.Sum(allocation => allocation.Amount.MinorUnits) + Units(payment.Prepayment);
        Net.Require(payment.SettledVersion == 0 || lies == ours.Captured - ours.Refunded - ours.Reversed || payment.Reversals.Length > 0, () => $"{payment.Id}: {lies} of it lies somewhere, and {ours} is left");
    }

    private static void NoMoreIsTakenThanCame(PaymentState payment)
    {
        foreach (var invoice in payment.Allocations.Where(allocation => allocation.Amount.MinorUnits < 0).Select(allocation => allocation.Invoice).Distinct(StringComparer.Ordinal))
        {
            var left = payment.Allocations.Where(allocation => string.Equals(allocation.Invoice, invoice, StringComparison.Ordinal)).Sum(allocation => allocation.Amount.MinorUnits);
            Net.Require(left >= 0, () => $"{payment.Id}: more was taken from {invoice} than came to it, by {-left}");
        }
    }

    /// <summary>What was taken back after it had been sent back: a loss, on record as one.</summary>
    private static long Lost(Installation world, Actor actor, PaymentState payment) => payment.Reversals.IsEmpty || payment.Refunds.IsEmpty ? 0 : world.Events(actor.Account)
        .Where(e => e.Type == "payment.reversed" && e.Data.GetProperty("payment").GetString() == payment.Id)
        .Sum(e => e.Data.GetProperty("postings").EnumerateArray().Where(line => line.GetProperty("account").GetString() == "loss").Sum(line => line.GetProperty("amount").GetInt64()));

    private static void NoDebtIsPaidTwice(Installation world, Actor actor)
    {
        var paid = world.Gateway.Charges.Where(charge => charge is { Status: ChargeStatus.Succeeded, IsCustomersAct: false } && !actor.Resolved.Contains(charge.Payment))
            .SelectMany(charge => world.Payment(charge.Payment).Start!.Invoices, (charge, invoice) => (invoice, charge)).GroupBy(item => item.invoice, StringComparer.Ordinal).Where(group => group.Count() > 1);
        foreach (var invoice in paid)
        {
            // A charge pays the oldest of its invoices first: what is due again on one of them leaves less for the others.
            var together = invoice.SelectMany(item => world.Payment(item.charge.Payment).Start!.Invoices).ToHashSet(StringComparer.Ordinal);
            var again = world.Events(actor.Account).Count(e => e.Type == "invoice.due_again" && together.Contains(e.Data.GetProperty("invoice").GetString()!));
            Net.Require(invoice.Count() <= 1 + again, () => $"{invoice.Key} was due once and {again} times again, and paid {invoice.Count()} times: {string.Join(", ", invoice.Select(item => item.charge.ToString()))}");
        }
    }
}

/// <summary>What is unpaid, told by other books than the account's: nothing while rung 0 is live, nothing again unless money was taken back.</summary>
internal sealed class Unpaid : IHistoryCheck
{
    public void AfterStep(Installation world, Actor actor)
    {
        if (!world.Written.Contains(GrainKeys.Account(actor.Account))) return;
        var account = world.Account(actor.Account);
        foreach (var invoice in account.Invoices)
        {
            if (invoice.IsDueAgain) Net.Require(WasTakenBack(world, invoice.Id), () => $"{invoice.Id} is due again, and nobody took money back or asked for that");
            if (invoice.UnpaidSince is { } since) NotWhileLive(world, account, invoice, since);
        }
    }

    public void AtEnd(Installation world, Actor actor)
    {
        // Every step was looked at.
    }

    private static bool WasTakenBack(Installation world, string invoice) => world.Payments
        .Any(payment => payment.Reversals.Length > 0 || payment.Refunds.Any(refund => refund.Reopen));

    /// <summary>An automatic invoice whose rung 0 is under way at the gateway becomes unpaid by the end of its hold alone.</summary>
    private static void NotWhileLive(Installation world, AccountState account, OpenInvoice invoice, Instant since)
    {
        if (invoice is not { Collection: Collection.Automatic, IsDueAgain: false, Rung0EndedAt: null }) return;
        if (world.Payment(Ids.RungPayment(invoice.Id, 0)) is not { Status: PaymentStatus.Processing or PaymentStatus.Unknown } payment) return;
        var first = payment.Attempts.First(attempt => attempt.Outcome != AttemptOutcome.Error);
        // While rung 0 waited after an error, the hold of another payment may have ended.
        if (account.Controls.AutoPayOffSince is not null || since <= first.SubmittedAt) return;
        var holds = world.Policies.Book[invoice.Rules].Collection.HoldFor(first.Candidate.Kind);
        Net.Require(since >= first.SubmittedAt + holds, () => $"{invoice.Id} is unpaid since {since}, and its rung 0 was submitted at {first.SubmittedAt} and is held for {holds}");
    }
}

/// <summary>Each later rung is at its offset from the end of rung 0, whenever the rungs between were tried.</summary>
internal sealed class Ladders : IHistoryCheck
{
    private readonly Dictionary<string, Instant> _ends = new(StringComparer.Ordinal);
    private long _read;

    public void AfterStep(Installation world, Actor actor)
    {
        foreach (var e in world.Events(actor.Account, _read))
        {
            _read = e.Seq;
            if (e.Type != "rung.ended" || e.Data.GetProperty("rung").GetInt32() != 0) continue;
            _ends[e.Data.GetProperty("invoice").GetString()!] = Instant.FromDateTimeOffset(e.EffectiveAt);
        }

        foreach (var key in world.Written.Where(key => key.StartsWith("inv/", StringComparison.Ordinal)))
        {
            var invoice = world.Invoice(GrainKeys.Id(key));
            if (invoice.NextRung == 0 || !_ends.TryGetValue(invoice.Id, out var end) || InvoiceRules.Due(invoice) is not { } due) continue;
            var planned = end + invoice.RetryAfter[invoice.NextRung - 1];
            Net.Require(due == planned, () => $"{invoice.Id}: rung {invoice.NextRung} is due at {due}, and its rung 0 ended at {end}, so at {planned}");
        }
    }

    public void AtEnd(Installation world, Actor actor)
    {
        // Every step was looked at.
    }
}
