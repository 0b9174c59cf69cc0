using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>Everything that an account decides: <c>(state, message, now, policies) → decision</c>.</summary>
public static class AccountRules
{
    /// <summary>Decides about one message. Pure: the same arguments give the same decision.</summary>
    public static Decision<AccountState> Decide(AccountState state, Message message, Instant now, PolicyBook policies)
    {
        var draft = new AccountDraft(state, now, policies);
        if (state.Profile is null) return message is PutAccount put ? draft.Decide(Profiles.Put(draft, put)) : Unknown(state);

        // On a test clock the steps of an instant come after its outcomes and attempts; there the clock's own pass takes them.
        var isLast = state.Existing.TestClock is null || message is Wake { Pass: null or Pass.Standing } || IsCommand(message);
        var until = isLast ? now : now - Duration.FromMilliseconds(1);
        StandingRecorder.Advance(draft, until);
        var reply = Handle(draft, message);
        Credit.SpendOnUnpaid(draft);
        StandingRecorder.Settle(draft, until);
        return draft.Decide(reply);
    }

    /// <summary>The account's own next deadline: an invoice becomes unpaid, or the standing steps. Attempts are the invoices' deadlines.</summary>
    public static Instant? Due(AccountState state, PolicyBook policies)
    {
        if (state.Profile is null || state.Invoices.IsEmpty) return null;
        var unpaid = StandingRecorder.NextUnpaid(state)?.At;
        var step = Standings.Next(state, policies)?.At;
        return unpaid is { } a && step is { } b ? Instant.Min(a, b) : unpaid ?? step;
    }

    /// <summary>What lists and reports see of it. Ids and labels, no profile but the name that lists show.</summary>
    public static JsonObject Summary(AccountState state) => state.Profile is not { } profile ? [] : new JsonObject
    {
        ["id"] = profile.Id,
        ["standing"] = state.StandingName,
        ["policy"] = profile.Policy,
        ["clock"] = profile.TestClock,
        ["tags"] = new JsonArray([.. profile.Tags.Select(tag => (JsonNode)tag)]),
    };

    private static Reply Handle(AccountDraft draft, Message message) => message switch
    {
        PutAccount m => Profiles.Put(draft, m),
        PutPaymentMethod m => Methods.Put(draft, m),
        RemovePaymentMethod m => Methods.Remove(draft, m.Method),
        MakeDefault m => Methods.MakeDefault(draft, m),
        Pay m => PayingByHand.Pay(draft, m),
        VoidInvoice m => Issuing.Void(draft, m),
        IssueInvoice m => Issuing.Issue(draft, m),
        BeginRung m => Quietly(() => Reservations.Begin(draft, m)),
        PaymentReported m => Quietly(() => Reservations.Report(draft, m)),
        ResumePayment m => Quietly(() => Reservations.Resume(draft, m.Payment)),
        NoticeAccepted m => Quietly(() => draft.Record("notice.delivered", m.At, new JsonObject { ["notice"] = m.Notice, ["id"] = m.Id })),
        Wake => new Done(),
        _ => new Refused(Problems.InvalidRequest, $"An account does not take {message.GetType().Name}."),
    };

    private static Done Quietly(Action change)
    {
        change();
        return new Done();
    }

    private static bool IsCommand(Message message) => message is PutAccount or PutPaymentMethod or RemovePaymentMethod or MakeDefault or Pay or VoidInvoice;

    private static Decision<AccountState> Unknown(AccountState state) =>
        new(state, new Refused(Problems.NotFound, "There is no such account."), [], []);
}
