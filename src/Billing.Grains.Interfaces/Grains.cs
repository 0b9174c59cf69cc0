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

/// <summary>A test clock. Key: <see cref="GrainKeys.TestClock"/>.</summary>
[Alias("billing.clock")]
public interface ITestClockGrain : IDurableGrain
{
    /// <summary>The clock as it is stored.</summary>
    [AlwaysInterleave]
    [Alias("read")]
    Task<TestClockState> Read();
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
public sealed record GateResult(GateAnswer? Answer, Refused? Refused = null);

/// <summary>A question for an account.</summary>
public sealed record ReadCall(Instant At);

/// <summary>An account at an instant.</summary>
public sealed record AccountReading(AccountView? View);

/// <summary>A cast of the safety net.</summary>
/// <param name="Lateness">How late a grain has to be; nothing, when a process starts: what is under way then was left by another.</param>
public sealed record SweepCall(Duration Lateness);
