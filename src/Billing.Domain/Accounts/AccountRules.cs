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
        if (state.Profile is null) return message is PutAccount put ? draft.Decide(Profiles.Put(draft, put)) : Unknown(state, message);

        // On a test clock the steps of an instant come after its outcomes and attempts; there the clock's own pass takes them.
        var isLast = state.Existing.TestClock is null || message is Wake { Pass: null or Pass.Standing } || IsCommand(message);
        var until = isLast ? now : now - Duration.FromMilliseconds(1);
        StandingRecorder.Advance(draft, until);
        // Money comes before the attempts of its instant.
        Credit.SpendOnUnpaid(draft, now);
        var reply = Handle(draft, message);
        Credit.SpendOnUnpaid(draft, now);
        StandingRecorder.Settle(draft, until);
        PayLinks.EndIfNothingIsDue(draft);
        DeletionPulls.NoteGateways(draft);
        return draft.Decide(reply);
    }

    /// <summary>The account's own next deadline. Attempts are the invoices' deadlines.</summary>
    public static Instant? Due(AccountState state, PolicyBook policies) => state.Profile is null ? null : Timeline.Next(state, policies)?.At;

    /// <summary>Whether the next deadline is worth a durable reminder: a healthy account has none, its renewals are found by index.</summary>
    public static bool NeedsReminder(AccountState state, PolicyBook policies) => state.Profile is not null && Timeline.IsDunning(state, policies);

    /// <summary>What lists and reports see of it. Ids and labels, no profile but the name that lists show.</summary>
    public static JsonObject Summary(AccountState state, PolicyBook policies)
    {
        if (state.Profile is not { } profile) return [];
        var summary = new JsonObject
        {
            ["id"] = profile.Id,
            ["standing"] = state.StandingName,
            ["policy"] = profile.Policy,
            ["policy_version"] = policies.InForce(profile.Policy!).Version,
            ["clock"] = profile.TestClock,
            ["test"] = profile.Test || profile.TestClock is not null,
            ["tags"] = new JsonArray([.. profile.Tags.Select(tag => (JsonNode)tag)]),
            ["remind"] = NeedsReminder(state, policies),
        };
        foreach (var pause in Enum.GetValues<PauseKind>().Where(pause => Brakes.Waits(state, policies, pause))) summary[WaitsFor(pause)] = true;
        if (DeletionPulls.Waits(state, policies) is { } pull)
        {
            summary[WaitsForPull] = pull.Gateway;
            summary[WaitsForPullAfter] = pull.NewsAfter.ToUnixTimeMilliseconds();
        }

        if (!state.Attention.IsEmpty) summary["attention"] = AttentionRules.Summary(state.Attention);
        return summary;
    }

    /// <summary>The summary's field with the gateway whose pull an account waits for.</summary>
    public const string WaitsForPull = "waits_for_pull";

    /// <summary>The summary's field with the instant after which that pull has to begin to be news, in milliseconds since 1970.</summary>
    public const string WaitsForPullAfter = "waits_for_pull_after";

    /// <summary>The summary's field which says that an account waits for the end of such a pause.</summary>
    public static string WaitsFor(PauseKind pause) => pause == PauseKind.Escalations ? "waits_for_escalations" : "waits_for_collection";

    private static Reply Handle(AccountDraft draft, Message message) => message switch
    {
        PutAccount m => Profiles.Put(draft, m),
        PutPaymentMethod m => Methods.Put(draft, m),
        RemovePaymentMethod m => Methods.Remove(draft, m.Method),
        MakeDefault m => Methods.MakeDefault(draft, m),
        Pay m => PayingByHand.Pay(draft, m),
        VoidInvoice m => Corrections.Void(draft, m),
        WriteOff m => Corrections.WriteOff(draft, m),
        UndoWriteOff m => Corrections.UndoWriteOff(draft, m),
        AdjustInvoice m => Corrections.Adjust(draft, m),
        GrantCredit m => Grants.Grant(draft, m),
        RefundCredit m => Grants.Refund(draft, m),
        PutSubscription m => Subscriptions.Put(draft, m),
        CancelSubscription m => Subscriptions.Cancel(draft, m, invoice => Corrections.VoidOpen(draft, invoice)),
        AddCharge m => PendingCharges.Add(draft, m),
        PutResource m => Resources.Put(draft, m),
        AcknowledgeOrder m => ResourceOrders.Acknowledge(draft, m),
        PowerOn m => ResourceOrders.PowerOn(draft, m),
        PutHold m => Holds.Put(draft, m),
        ReleaseHold m => Holds.Release(draft, m),
        PutControls m => ControlRules.Put(draft, m),
        Extend m => ControlRules.Extend(draft, m),
        EndExtension => ControlRules.EndExtension(draft),
        MoveEpisode m => ControlRules.Move(draft, m),
        NoticeBounced m => Notices.Bounced(draft, m),
        AttestNotice m => Notices.Attest(draft, m),
        MakePayLink m => PayLinks.Make(draft, m),
        RevokePayLink m => PayLinks.Revoke(draft, m),
        ResolveAttention m => AttentionRules.Resolve(draft, m),
        _ => Hear(draft, message),
    };

    /// <summary>What grains and the world outside tell. It cannot be refused.</summary>
    private static Reply Hear(AccountDraft draft, Message message) => message switch
    {
        IssueInvoice m => Issuing.Issue(draft, m),
        BeginRung m => Quietly(() => Rungs.Begin(draft, m)),
        PaymentReported m => Quietly(() => PaymentReports.Take(draft, m)),
        ResumePayment m => Quietly(() => Rungs.Resume(draft, m.Payment)),
        PaymentReversed m => Quietly(() => Reversals.Take(draft, m)),
        RefundAsked m => Quietly(() => Refunds.Decide(draft, m)),
        DisputeChanged m => Quietly(() => Reversals.Dispute(draft, m)),
        DeletionAnswered m => Quietly(() => DeletionPermits.Take(draft, m)),
        NoticeAccepted m => Quietly(() => Notices.Accepted(draft, m)),
        NoticeRefused m => Quietly(() => Notices.Refused(draft, m)),
        Reconsider => Quietly(() => Rungs.BeginWaiting(draft)),
        Wake => new Done(),
        _ => new Refused(Problems.InvalidRequest, $"An account does not take {message.GetType().Name}."),
    };

    private static Done Quietly(Action change)
    {
        change();
        return new Done();
    }

    /// <summary>Commands come last at an instant; what grains tell comes before its steps.</summary>
    private static bool IsCommand(Message message) => message is not (IssueInvoice or BeginRung or PaymentReported or ResumePayment or PaymentReversed or RefundAsked or DisputeChanged or DeletionAnswered or NoticeAccepted or NoticeRefused or Wake or Recover or Reconsider);

    /// <summary>Nobody is here. An invoice that asks to be issued is told so, or it would wait for ever.</summary>
    private static Decision<AccountState> Unknown(AccountState state, Message message)
    {
        var refused = new Refused(Problems.NotFound, "There is no such account.");
        return new(state, refused, message is IssueInvoice asked ? [new Outgoing(GrainKeys.Invoice(asked.Invoice), new IssueDenied(refused.Code, refused.Detail))] : [], []);
    }
}
