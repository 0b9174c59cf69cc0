using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>Everything that an invoice decides. It owns document and ladder; for money it asks the account.</summary>
public static class InvoiceRules
{
    /// <summary>Decides about one message. Pure.</summary>
    public static Decision<InvoiceState> Decide(InvoiceState state, Message message, Instant now, string id)
    {
        var draft = new Draft<InvoiceState>(state, now);
        return draft.Decide(message switch
        {
            PutInvoice m => Put(draft, m, id),
            FinalizeInvoice m => Finalize(draft, m),
            InvoiceIssued m => Issued(draft, m),
            InvoiceMade m => Made(draft, m, id),
            CreditNote m => Changed(draft, state with { CreditNotes = state.CreditNotes.Add(m) }),
            IssueDenied m => Changed(draft, state with { IsIssuing = false, Denied = m }),
            BalanceInvoiceIssued m => Changed(draft, Balance(state, m, id)),
            PositionChanged m => Changed(draft, Position(state, m)),
            AttemptsMade m => Changed(draft, state with { Attempts = Merge(state.Attempts, m.Attempts) }),
            RungEnded m => Ended(draft, m),
            Wake => AskForRung(draft),
            _ => new Refused(Problems.InvalidRequest, $"An invoice does not take {message.GetType().Name}."),
        });
    }

    /// <summary>When the next rung is due, unless that waits for an answer.</summary>
    public static Instant? Due(InvoiceState state) => state switch
    {
        { Status: not (InvoiceStatus.Open or InvoiceStatus.WrittenOff) } or { FirstRungAt: null } or { IsDueAgain: true } => null,
        { NextRung: 0 } => state.FirstRungAt,
        _ when state.NextRung <= state.RetryAfter.Length && Rung0End(state) is { } ended => ended + state.RetryAfter[state.NextRung - 1],
        _ => null,
    };

    /// <summary>Whether nothing is due on it any more.</summary>
    public static bool IsFinished(InvoiceState state) => state.Status is InvoiceStatus.Paid or InvoiceStatus.Void or InvoiceStatus.Cancelled;

    /// <summary>What lists and reports see of it.</summary>
    public static JsonObject Summary(InvoiceState state) => state.Account is null ? [] : new JsonObject
    {
        ["id"] = state.Id,
        ["account"] = state.Account,
        ["number"] = state.Number,
        ["kind"] = state.IsBalance ? "balance" : "standard",
        ["status"] = state.Status == InvoiceStatus.WrittenOff ? "written_off" : state.Status.ToString().ToLowerInvariant(),
        ["currency"] = state.Total?.Currency.Code,
        ["test"] = state.Test,
        ["due_at"] = state.DueAt?.ToString(),
        ["total"] = state.Total?.MinorUnits,
        ["amount_due"] = state.Due?.MinorUnits,
    };

    private static Reply Put(Draft<InvoiceState> draft, PutInvoice command, string id)
    {
        var state = draft.State;
        if (state.Account is { } owner && (state.IsBalance || !string.Equals(owner, command.Account, StringComparison.Ordinal)))
        {
            return new Refused(Problems.IdTaken, "Another invoice has this id.");
        }

        var isSame = state.Content is { } known && string.Equals(known.Hash, command.Content.Hash, StringComparison.Ordinal);
        if (state.Status != InvoiceStatus.Draft || state.IsIssuing)
        {
            return isSame && !command.Draft
                ? new Done(id, state.StandingVersion, Replayed: true)
                : new Refused(Problems.InvoiceIssued, "It is issued, and issued content is fixed.");
        }

        if (command.Content.DueAt < draft.Now)
        {
            return new Refused(Problems.InvalidRequest, "It cannot be due in the past.", [new FieldError("due_at", "Must not be before now.")]);
        }

        draft.State = state with
        {
            Id = id,
            Account = command.Account,
            Clock = command.Clock,
            Test = command.Test,
            Content = command.Content,
            Total = new Money(command.Content.Net, command.Currency),
            Denied = null,
        };
        if (!command.Draft) AskToIssue(draft);
        return new Done(id);
    }

    private static Reply Finalize(Draft<InvoiceState> draft, FinalizeInvoice command)
    {
        var state = draft.State;
        if (state.Account is null) return new Refused(Problems.NotFound, "There is no such invoice.");
        if (state.Status == InvoiceStatus.Draft && !state.IsIssuing)
        {
            draft.State = state with { FinalizeKey = command.Key, Denied = null };
            AskToIssue(draft);
            return new Done(state.Id);
        }

        if (command.Key is null || state.FinalizeKey is not { } key || !string.Equals(key.Hash, command.Key.Hash, StringComparison.Ordinal))
        {
            return new Refused(Problems.InvoiceIssued, "It is issued already.");
        }

        return Once.Again(key.Content, command.Key.Content, new Done(state.Id, state.StandingVersion));
    }

    private static void AskToIssue(Draft<InvoiceState> draft)
    {
        draft.State = draft.State with { IsIssuing = true };
        draft.Send(GrainKeys.Account(draft.State.Account!), new IssueInvoice(draft.State.Id, draft.State.Content!));
    }

    /// <summary>A renewal: the account made it and issued it in one.</summary>
    private static Done Made(Draft<InvoiceState> draft, InvoiceMade message, string id)
    {
        if (draft.State.Account is not null) return new Done(id);
        draft.State = draft.State with { Id = id, Account = message.Account, Clock = message.Clock, Test = message.Test, Content = message.Content };
        return Issued(draft, message.Issued);
    }

    private static Done Issued(Draft<InvoiceState> draft, InvoiceIssued message)
    {
        draft.State = draft.State with
        {
            IsIssuing = false,
            Status = InvoiceStatus.Open,
            Number = message.Number,
            IssuedAt = message.IssuedAt,
            DueAt = message.DueAt,
            Total = message.Total,
            Tax = message.Tax,
            Promo = message.Promo,
            Due = message.Total,
            Rules = message.Rules,
            FirstRungAt = message.FirstRungAt,
            RetryAfter = message.RetryAfter,
            StandingVersion = message.StandingVersion,
        };
        // One that owes nothing is paid by the same write of the account; its position follows, and no rung begins.
        return message.Total.IsZero ? new Done() : AskForRung(draft);
    }

    private static InvoiceState Balance(InvoiceState state, BalanceInvoiceIssued message, string id) => state.Account is not null ? state : state with
    {
        Id = id,
        Account = message.Account,
        Clock = message.Clock,
        Test = message.Test,
        IsBalance = true,
        Status = InvoiceStatus.Open,
        Number = message.Number,
        IssuedAt = message.IssuedAt,
        DueAt = message.IssuedAt,
        Total = message.Total,
        Tax = Money.Zero(message.Total.Currency),
        Due = message.Total,
        Settles = message.Settles,
        SettlesLabel = message.Label,
        StandingVersion = message.StandingVersion,
    };

    private static InvoiceState Position(InvoiceState state, PositionChanged message) => state with
    {
        Status = message.Status,
        Due = message.Due,
        Paid = message.Paid ?? state.Paid,
        UnpaidSince = message.UnpaidSince ?? state.UnpaidSince,
        IsDueAgain = message.IsDueAgain,
        Payments = state.Payments.AddRange(message.Applied),
        SettledBy = message.SettledBy ?? state.SettledBy,
        SupersededBy = message.SupersededBy ?? state.SupersededBy,
        StandingVersion = message.StandingVersion,
    };

    private static Done Ended(Draft<InvoiceState> draft, RungEnded message)
    {
        if (draft.State.Ladder.Any(rung => rung.Rung == message.Rung)) return new Done();
        draft.State = draft.State with { Ladder = draft.State.Ladder.Add(new LadderRung(message.Rung, message.At, message.Result)) };
        return AskForRung(draft);
    }

    /// <summary>Asks the account for the newest rung that is due; those before it that never began are missed.</summary>
    private static Done AskForRung(Draft<InvoiceState> draft)
    {
        int? rung = null;
        while (Due(draft.State) is { } due && due <= draft.Now)
        {
            if (rung is { } passed) Miss(draft, passed);
            rung = draft.State.NextRung;
            draft.State = draft.State with { NextRung = rung.Value + 1 };
        }

        if (rung is { } newest) draft.Send(GrainKeys.Account(draft.State.Account!), new BeginRung(draft.State.Id, newest));
        return new Done();
    }

    private static void Miss(Draft<InvoiceState> draft, int rung)
    {
        draft.State = draft.State with { Ladder = draft.State.Ladder.Add(new LadderRung(rung, draft.Now, RungResult.Missed)) };
        draft.Record(draft.State.Account, "rung.ended", new JsonObject { ["invoice"] = draft.State.Id, ["rung"] = rung, ["result"] = "missed" });
    }

    private static Done Changed(Draft<InvoiceState> draft, InvoiceState state)
    {
        draft.State = state;
        return new Done();
    }

    private static Instant? Rung0End(InvoiceState state) =>
        state.Ladder.FirstOrDefault(rung => rung.Rung == 0) is { Result: not RungResult.Paid } rung0 ? rung0.At : null;

    /// <summary>A later word about an attempt takes the place of an earlier one.</summary>
    private static ImmutableArray<AttemptLine> Merge(ImmutableArray<AttemptLine> known, ImmutableArray<AttemptLine> news)
    {
        foreach (var line in news)
        {
            var at = -1;
            for (var i = 0; i < known.Length; i++)
            {
                if (known[i].Ordinal == line.Ordinal && string.Equals(known[i].Payment, line.Payment, StringComparison.Ordinal)) at = i;
            }

            known = at < 0 ? known.Add(line) : known.SetItem(at, line);
        }

        return known;
    }
}
