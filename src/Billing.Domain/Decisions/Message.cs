using System.Text.Json.Serialization;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// What a grain is told or asked. The discriminators are a stored and a wire contract: a name, once used, keeps its meaning.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Wake), "wake")]
[JsonDerivedType(typeof(Recover), "recover")]
[JsonDerivedType(typeof(Reconsider), "reconsider")]
[JsonDerivedType(typeof(PutAccount), "account.put")]
[JsonDerivedType(typeof(PutPaymentMethod), "account.put_method")]
[JsonDerivedType(typeof(RemovePaymentMethod), "account.remove_method")]
[JsonDerivedType(typeof(MakeDefault), "account.make_default")]
[JsonDerivedType(typeof(Pay), "account.pay")]
[JsonDerivedType(typeof(VoidInvoice), "account.void_invoice")]
[JsonDerivedType(typeof(NoticeAccepted), "account.notice_accepted")]
[JsonDerivedType(typeof(NoticeRefused), "account.notice_refused")]
[JsonDerivedType(typeof(IssueInvoice), "account.issue_invoice")]
[JsonDerivedType(typeof(BeginRung), "account.begin_rung")]
[JsonDerivedType(typeof(PaymentReported), "account.payment_reported")]
[JsonDerivedType(typeof(ResumePayment), "account.resume_payment")]
[JsonDerivedType(typeof(WriteOff), "account.write_off")]
[JsonDerivedType(typeof(UndoWriteOff), "account.undo_write_off")]
[JsonDerivedType(typeof(AdjustInvoice), "account.adjust_invoice")]
[JsonDerivedType(typeof(GrantCredit), "account.grant_credit")]
[JsonDerivedType(typeof(RefundCredit), "account.refund_credit")]
[JsonDerivedType(typeof(PutSubscription), "account.put_subscription")]
[JsonDerivedType(typeof(CancelSubscription), "account.cancel_subscription")]
[JsonDerivedType(typeof(AddCharge), "account.add_charge")]
[JsonDerivedType(typeof(PutResource), "account.put_resource")]
[JsonDerivedType(typeof(AcknowledgeOrder), "account.acknowledge_order")]
[JsonDerivedType(typeof(PowerOn), "account.power_on")]
[JsonDerivedType(typeof(PutHold), "account.put_hold")]
[JsonDerivedType(typeof(ReleaseHold), "account.release_hold")]
[JsonDerivedType(typeof(PutControls), "account.put_controls")]
[JsonDerivedType(typeof(Extend), "account.extend")]
[JsonDerivedType(typeof(EndExtension), "account.end_extension")]
[JsonDerivedType(typeof(MoveEpisode), "account.move_episode")]
[JsonDerivedType(typeof(NoticeBounced), "account.notice_bounced")]
[JsonDerivedType(typeof(AttestNotice), "account.attest_notice")]
[JsonDerivedType(typeof(ResolveAttention), "attention.resolve")]
[JsonDerivedType(typeof(PaymentReversed), "account.payment_reversed")]
[JsonDerivedType(typeof(RefundAsked), "account.refund_asked")]
[JsonDerivedType(typeof(DisputeChanged), "account.dispute_changed")]
[JsonDerivedType(typeof(DeletionAnswered), "account.deletion_answered")]
[JsonDerivedType(typeof(AskDeletion), "brake.ask_deletion")]
[JsonDerivedType(typeof(PutPauses), "brake.put_pauses")]
[JsonDerivedType(typeof(PauseUntilPulled), "brake.pause_until_pulled")]
[JsonDerivedType(typeof(PullEnded), "brake.pull_ended")]
[JsonDerivedType(typeof(BeginPull), "pull.begin")]
[JsonDerivedType(typeof(PullPage), "pull.page")]
[JsonDerivedType(typeof(PagePulled), "pull.page_pulled")]
[JsonDerivedType(typeof(SettlePull), "pull.settle")]
[JsonDerivedType(typeof(PullSettled), "pull.settled")]
[JsonDerivedType(typeof(PullFailed), "pull.failed")]
[JsonDerivedType(typeof(PutInvoice), "invoice.put")]
[JsonDerivedType(typeof(FinalizeInvoice), "invoice.finalize")]
[JsonDerivedType(typeof(InvoiceIssued), "invoice.issued")]
[JsonDerivedType(typeof(IssueDenied), "invoice.issue_denied")]
[JsonDerivedType(typeof(BalanceInvoiceIssued), "invoice.balance_issued")]
[JsonDerivedType(typeof(PositionChanged), "invoice.position")]
[JsonDerivedType(typeof(AttemptsMade), "invoice.attempts")]
[JsonDerivedType(typeof(RungEnded), "invoice.rung_ended")]
[JsonDerivedType(typeof(MakePayLink), "account.make_pay_link")]
[JsonDerivedType(typeof(RevokePayLink), "account.revoke_pay_link")]
[JsonDerivedType(typeof(PayLinkMade), "link.made")]
[JsonDerivedType(typeof(CreateKey), "keys.create")]
[JsonDerivedType(typeof(RevokeKey), "keys.revoke")]
[JsonDerivedType(typeof(KeysUsed), "keys.used")]
[JsonDerivedType(typeof(InvoiceMade), "invoice.made")]
[JsonDerivedType(typeof(CreditNote), "invoice.credit_note")]
[JsonDerivedType(typeof(StartPayment), "payment.start")]
[JsonDerivedType(typeof(RecordReceived), "payment.record_received")]
[JsonDerivedType(typeof(RefundPayment), "payment.refund")]
[JsonDerivedType(typeof(ReversePayment), "payment.reverse")]
[JsonDerivedType(typeof(ResolvePayment), "payment.resolve")]
[JsonDerivedType(typeof(CancelPayment), "payment.cancel")]
[JsonDerivedType(typeof(InvoiceClosed), "payment.invoice_closed")]
[JsonDerivedType(typeof(RefundDecided), "payment.refund_decided")]
[JsonDerivedType(typeof(RefundPrepayment), "payment.refund_prepayment")]
[JsonDerivedType(typeof(ReversalTaken), "payment.reversal_taken")]
[JsonDerivedType(typeof(TrailIsOld), "payment.trail_is_old")]
[JsonDerivedType(typeof(GatewayDisputed), "payment.gateway_disputed")]
[JsonDerivedType(typeof(RefundAnswered), "payment.refund_answered")]
[JsonDerivedType(typeof(PaymentApplied), "payment.applied")]
[JsonDerivedType(typeof(PaymentReleased), "payment.released")]
[JsonDerivedType(typeof(PaymentResumed), "payment.resumed")]
[JsonDerivedType(typeof(StopPayment), "payment.stop")]
[JsonDerivedType(typeof(PassOver), "payment.pass_over")]
[JsonDerivedType(typeof(PausePayment), "payment.pause")]
[JsonDerivedType(typeof(GatewayAnswered), "payment.gateway_answered")]
[JsonDerivedType(typeof(GatewayReported), "payment.gateway_reported")]
[JsonDerivedType(typeof(GatewayTold), "payment.gateway_told")]
[JsonDerivedType(typeof(KeepEvent), "inbox.keep")]
[JsonDerivedType(typeof(MatchAgain), "inbox.match_again")]
[JsonDerivedType(typeof(EventMatched), "inbox.matched")]
[JsonDerivedType(typeof(MatchEvent), "gateway.match")]
[JsonDerivedType(typeof(CeilingAnswered), "payment.ceiling_answered")]
[JsonDerivedType(typeof(AskCeiling), "card.ask")]
[JsonDerivedType(typeof(AttemptDeclined), "card.declined")]
[JsonDerivedType(typeof(SubmitAttempt), "gateway.submit")]
[JsonDerivedType(typeof(ConfirmAttempt), "gateway.confirm")]
[JsonDerivedType(typeof(AskGateway), "gateway.ask")]
[JsonDerivedType(typeof(CancelAttempt), "gateway.cancel")]
[JsonDerivedType(typeof(SendRefund), "gateway.refund")]
[JsonDerivedType(typeof(SendNotice), "notice.send")]
[JsonDerivedType(typeof(PutPolicy), "policy.put")]
[JsonDerivedType(typeof(PutWebhookEndpoint), "webhook.put")]
[JsonDerivedType(typeof(DeleteWebhookEndpoint), "webhook.delete")]
[JsonDerivedType(typeof(RotateWebhookSecret), "webhook.rotate")]
[JsonDerivedType(typeof(ReplayWebhooks), "webhook.replay")]
[JsonDerivedType(typeof(WebhookProgress), "webhook.progress")]
[JsonDerivedType(typeof(PutTestClock), "clock.put")]
[JsonDerivedType(typeof(AdvanceTestClock), "clock.advance")]
[JsonDerivedType(typeof(ClockReached), "clock.reached")]
public abstract record Message;

/// <summary>
/// A call that must take effect once, however often it is made: the caller's key, and what was asked with it.
/// </summary>
/// <param name="Hash">Of method, path and the caller's <c>Idempotency-Key</c>.</param>
/// <param name="Content">Of the request's body.</param>
public sealed record IdempotencyKey(string Hash, string Content);

/// <summary>What is due may be done now. It carries no instruction: what is due is derived from the facts.</summary>
/// <param name="Pass">Which kind of work, when a test clock orders an instant; <see langword="null"/> in real time: all of it.</param>
public sealed record Wake(Pass? Pass = null) : Message;

/// <summary>Policies may have changed: what is due is derived anew. It carries no instruction either.</summary>
public sealed record Reconsider : Message;

/// <summary>The order of what happens at one instant on a test clock (<c>docs/architecture.md</c>, Time).</summary>
public enum Pass
{
    /// <summary>Gateways' outcomes and expiries.</summary>
    Outcomes,

    /// <summary>Rungs.</summary>
    Attempts,

    /// <summary>Steps of standing.</summary>
    Standing,
}

/// <summary>The activation is new: what was under way outside when the one before ended is of unknown outcome.</summary>
/// <param name="SentAt">Real time: when what was under way was stored, and so about to be sent; <see langword="null"/> on a test clock.</param>
public sealed record Recover(Instant? SentAt = null) : Message;
