using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>What operators switch off and on for an account: enforcement, automatic payment, more time, another policy.</summary>
internal static class ControlRules
{
    /// <summary>Switches parts of dunning off and on.</summary>
    public static Reply Put(AccountDraft draft, PutControls command)
    {
        var before = draft.State.Controls;
        var after = new AccountControls(
            command.EnforcementOff is { } enforcement ? enforcement ? before.EnforcementOffSince ?? draft.Now : null : before.EnforcementOffSince,
            command.AutoPayOff is { } autoPay ? autoPay ? before.AutoPayOffSince ?? draft.Now : null : before.AutoPayOffSince);
        if (after == before) return new Done(draft.Id, draft.State.Version, Replayed: true);

        draft.State = draft.State with { Controls = after };
        draft.Record("control.changed", new JsonObject { ["enforcement_off"] = after.EnforcementOffSince is not null, ["auto_pay_off"] = after.AutoPayOffSince is not null });
        if (before.EnforcementOffSince is null != after.EnforcementOffSince is null) SwitchEnforcement(draft);
        if (before.AutoPayOffSince is null != after.AutoPayOffSince is null) SwitchAutoPay(draft);
        return new Done(draft.Id, draft.NextVersion);
    }

    /// <summary>Gives more time: until then nothing gets worse and nothing is cancelled.</summary>
    public static Reply Extend(AccountDraft draft, Extend command)
    {
        if (Idempotency.Before(draft, command.Key, draft.Id) is { } before) return before;
        if (!draft.Policy.OffersExtensions) return new Refused(Problems.ExtensionsRefused, "The account's policy offers no extensions.");
        if (command.Until <= draft.Now) return new Refused(Problems.InvalidRequest, "An extension ends in the future.", [new FieldError("until", "Must be after now.")]);
        draft.State = draft.State with { Extension = new Extension(command.Until, command.Reason) };
        draft.Record("control.changed", new JsonObject { ["extension"] = command.Until.ToString(), ["reason"] = command.Reason });
        Idempotency.Remember(draft, command.Key);
        return new Done(draft.Id, draft.NextVersion);
    }

    /// <summary>Takes an extension back: its date is now.</summary>
    public static Reply EndExtension(AccountDraft draft)
    {
        if (draft.State.Extension is null) return new Refused(Problems.NotFound, "There is no extension.");
        draft.State = draft.State with { Extension = null };
        StandingRecorder.CountAnew(draft, draft.Now);
        draft.Record("control.changed", new JsonObject { ["extension"] = null });
        return new Done(draft.Id, draft.NextVersion);
    }

    /// <summary>Moves the episode to another policy version: recomputed now, nothing earlier, destructive countdowns anew.</summary>
    public static Reply Move(AccountDraft draft, MoveEpisode command)
    {
        if (Idempotency.Before(draft, command.Key, draft.Id) is { } before) return before;
        if (draft.State.Episode is not { } episode) return new Refused(Problems.InvalidRequest, "No episode runs.");
        if (!draft.Policies.Knows(command.Policy)) return new Refused(Problems.InvalidRequest, "There is no such policy version.", [new FieldError("version", "Unknown.")]);
        if (Profiles.LacksAmountFor(draft.State.Currency, draft.Policies[command.Policy])) return new Refused(Problems.InvalidRequest, "The policy names no unpaid_balance in the account's currency.", [new FieldError("policy", "No amount for the currency.")]);
        draft.State = draft.State with { Episode = episode with { Policy = command.Policy } };
        StandingRecorder.CountAnew(draft, draft.Now);
        draft.Record("policy.changed", new JsonObject { ["policy"] = command.Policy.Id, ["version"] = command.Policy.Version, ["before"] = episode.Policy.Version });
        Idempotency.Remember(draft, command.Key);
        return new Done(draft.Id, draft.NextVersion);
    }

    /// <summary>Off: the standing is good from now, and nothing was cleared. On: the present value takes effect, destructive countdowns anew.</summary>
    private static void SwitchEnforcement(AccountDraft draft)
    {
        if (draft.State.Controls.EnforcementOffSince is not null && draft.State.StandingName != StandingRecord.Good) StandingRecorder.Enter(draft, StandingRecord.Good, draft.Now, reason: "enforcement_off");
        StandingRecorder.CountAnew(draft, draft.Now);
    }

    /// <summary>Off: what was submitted goes on, and nothing more is submitted. On: what waited runs at once.</summary>
    private static void SwitchAutoPay(AccountDraft draft)
    {
        if (draft.State.Controls.AutoPayOffSince is null)
        {
            foreach (var payment in draft.State.Payments.Where(payment => payment is { IsLive: true, ByHand: false })) draft.TellPayment(payment.Id, new PausePayment(Paused: false));
            Rungs.BeginWaiting(draft);
            return;
        }

        foreach (var payment in draft.State.Payments.Where(payment => payment is { IsLive: true, ByHand: false })) draft.TellPayment(payment.Id, new PausePayment(Paused: true));
    }
}
