using NodaTime;
using Orleans.Concurrency;

namespace Billing.Grains.Interfaces;

/// <summary>An account: the authority for its money. Key: <see cref="GrainKeys.Account"/>.</summary>
[Alias("billing.account")]
public interface IAccountGrain : IDurableGrain
{
    /// <summary>Answers the gate from what is durable, without waiting for a write that is under way.</summary>
    [AlwaysInterleave]
    [Alias("check")]
    Task<GateResult> Check(GateCall call);

    /// <summary>The account at an instant; without a view where it does not exist.</summary>
    [AlwaysInterleave]
    [Alias("read")]
    Task<AccountReading> Read(ReadCall call);

    /// <summary>The dated future of the account if nothing is paid; without one where it does not exist.</summary>
    [AlwaysInterleave]
    [Alias("forecast")]
    Task<ForecastReading> Forecast(ReadCall call);

    /// <summary>Why the account stands as it stands; without an answer where it does not exist.</summary>
    [AlwaysInterleave]
    [Alias("explain")]
    Task<ExplanationReading> Explain(ReadCall call);

    /// <summary>What a policy that is not in force would make of the account; without an answer where it does not exist. Nothing is stored.</summary>
    [AlwaysInterleave]
    [Alias("preview")]
    Task<PreviewReading> Preview(PreviewCall call);

    /// <summary>What a pay link of the account shows; without a page where it leads nowhere.</summary>
    [AlwaysInterleave]
    [Alias("pay_page")]
    Task<PayPageReading> PayPage(PayPageCall call);
}

/// <summary>The keys of the installation. Key: <see cref="GrainKeys.Keys"/>.</summary>
[Alias("billing.keys")]
public interface IKeysGrain : IDurableGrain
{
    /// <summary>The keys as they are stored.</summary>
    [AlwaysInterleave]
    [Alias("read")]
    Task<KeysState> Read();
}

/// <summary>Where a pay link leads. Key: <see cref="GrainKeys.PayLink"/>.</summary>
[Alias("billing.link")]
public interface IPayLinkGrain : IDurableGrain
{
    /// <summary>The link as it is stored.</summary>
    [AlwaysInterleave]
    [Alias("read")]
    Task<PayLinkState> Read();
}

/// <summary>An invoice: its document and its ladder. Key: <see cref="GrainKeys.Invoice"/>.</summary>
[Alias("billing.invoice")]
public interface IInvoiceGrain : IDurableGrain
{
    /// <summary>The invoice as it is stored.</summary>
    [AlwaysInterleave]
    [Alias("read")]
    Task<InvoiceState> Read();
}

/// <summary>A payment. Key: <see cref="GrainKeys.Payment"/>.</summary>
[Alias("billing.payment")]
public interface IPaymentGrain : IDurableGrain
{
    /// <summary>The payment as it is stored.</summary>
    [AlwaysInterleave]
    [Alias("read")]
    Task<PaymentState> Read();
}

/// <summary>Every version of one policy. Key: <see cref="GrainKeys.Policy"/>.</summary>
[Alias("billing.policy")]
public interface IPolicyGrain : IDurableGrain
{
    /// <summary>The versions as they are stored.</summary>
    [AlwaysInterleave]
    [Alias("read")]
    Task<PolicyState> Read();
}

/// <summary>Compares a gateway's books with ours. Key: <see cref="GrainKeys.Pull"/>.</summary>
[Alias("billing.pull")]
public interface IPullGrain : IDurableGrain
{
    /// <summary>How far it is, as it is stored.</summary>
    [AlwaysInterleave]
    [Alias("read")]
    Task<PullState> Read();
}

/// <summary>What brakes the whole installation. Keys: <see cref="GrainKeys.Installation"/>, <see cref="GrainKeys.DeletionBrake"/>.</summary>
[Alias("billing.brake")]
public interface IBrakeGrain : IDurableGrain
{
    /// <summary>The brake as it is stored.</summary>
    [AlwaysInterleave]
    [Alias("read")]
    Task<BrakeState> Read();
}

/// <summary>One card's declines, across accounts. Key: <see cref="GrainKeys.Card"/>.</summary>
[Alias("billing.card")]
public interface ICardCeilingGrain : IDurableGrain
{
    /// <summary>The declines as they are stored.</summary>
    [AlwaysInterleave]
    [Alias("read")]
    Task<CeilingState> Read();
}

/// <summary>A gateway's event that matched nothing when it came. Key: <see cref="GrainKeys.Inbox"/>.</summary>
[Alias("billing.inbox")]
public interface IInboxGrain : IDurableGrain
{
    /// <summary>The event as it is stored.</summary>
    [AlwaysInterleave]
    [Alias("read")]
    Task<InboxState> Read();
}

/// <summary>A test clock. Key: <see cref="GrainKeys.TestClock"/>.</summary>
[Alias("billing.clock")]
public interface ITestClockGrain : IDurableGrain
{
    /// <summary>The clock as it is stored.</summary>
    [AlwaysInterleave]
    [Alias("read")]
    Task<TestClockState> Read();
}

/// <summary>A subscriber of the event log: what it wants and how far it has got. Key: <see cref="GrainKeys.WebhookEndpoint"/>.</summary>
[Alias("billing.webhook_endpoint")]
public interface IWebhookEndpointGrain : IDurableGrain
{
    /// <summary>The endpoint as it is stored, its secrets included.</summary>
    [AlwaysInterleave]
    [Alias("read")]
    Task<WebhookState> Read();

    /// <summary>The log has grown. Nothing is stored for it.</summary>
    [AlwaysInterleave]
    [Alias("nudge")]
    Task Nudge(NudgeCall call);
}

/// <summary>Pokes grains whose index entry is overdue; it owns nothing. Key: <c>sweep/{n}</c>.</summary>
[Alias("billing.sweeper")]
public interface ISweeperGrain : IGrainWithStringKey
{
    /// <summary>Pokes what is overdue now, at a bounded rate, and tells how many that were.</summary>
    /// <param name="call">How late a grain has to be.</param>
    [Alias("sweep")]
    Task<int> Sweep(SweepCall call);
}

/// <summary>A question for the gate.</summary>
/// <param name="Question">What may be done?</param>
/// <param name="At">Now, on the account's clock.</param>
/// <param name="MinVersion">The answer has to know of at least so many recorded facts.</param>
public sealed record GateCall(GateQuestion Question, Instant At, long MinVersion = 0);

/// <summary>The gate's answer, or the reason why there is none.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Refused">Why there is none.</param>
/// <param name="Silo">The silo that the account lives on, as its grain tells it; <see langword="null"/> outside a cluster.</param>
public sealed record GateResult(GateAnswer? Answer, Refused? Refused = null, string? Silo = null);

/// <summary>A question for an account.</summary>
public sealed record ReadCall(Instant At);

/// <summary>An account at an instant.</summary>
public sealed record AccountReading(AccountView? View);

/// <summary>An account's future.</summary>
public sealed record ForecastReading(Forecast? Forecast);

/// <summary>The reasons for an account's standing.</summary>
public sealed record ExplanationReading(Explanation? Explanation);

/// <summary>A question about a policy that is not in force.</summary>
/// <param name="Policy">The policy's id.</param>
/// <param name="Document">The document, valid and as one text.</param>
/// <param name="At">Now, on the account's clock.</param>
/// <param name="Steps">At most so many steps of the future.</param>
public sealed record PreviewCall(string Policy, string Document, Instant At, int Steps);

/// <summary>An account under a policy that is not in force.</summary>
public sealed record PreviewReading(PolicyPreview? Preview);

/// <summary>A question of whoever follows a pay link.</summary>
/// <param name="Hash">The SHA-256 of the link's token, in lower-case hex.</param>
/// <param name="At">Now, on the account's clock.</param>
public sealed record PayPageCall(string Hash, Instant At);

/// <summary>What a pay link shows.</summary>
public sealed record PayPageReading(PayPage? Page);

/// <summary>The log has grown.</summary>
/// <param name="Head">The number up to which it is complete.</param>
public sealed record NudgeCall(long Head);

/// <summary>A cast of the safety net.</summary>
/// <param name="Lateness">How late a grain has to be; nothing, when a process starts: what is under way then was left by another.</param>
/// <param name="Shard">Which part of the renewals is looked for; shard 0 looks for everything else too.</param>
public sealed record SweepCall(Duration Lateness, int Shard = 0);
