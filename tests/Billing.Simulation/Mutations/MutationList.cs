using System.Collections.Immutable;
using Billing.Domain;
using NodaTime;

namespace Billing.Simulation.Mutations;

/// <summary>The mistakes that the net must catch.</summary>
internal static class MutationList
{
    /// <summary>Payments start, and their invoices stay free.</summary>
    public static readonly Mutation NoReservation = new("no reservation")
    {
        Account = (_, _, decision) => decision with
        {
            State = decision.State with
            {
                Invoices = [.. decision.State.Invoices.Select(invoice => invoice with { ReservedBy = null })],
                // Forgotten wholly, so that it is not the account's own bookkeeping that tells.
                Payments = [.. decision.State.Payments.Where(payment => !payment.IsLive)],
            },
        },
    };

    /// <summary>"No such charge" is a decline, though the charge may still arrive.</summary>
    public static readonly Mutation AbsentIsFailed = new("'not found' taken as failed") { SaysAbsentIsDeclined = true };

    /// <summary>What a live payment holds off is not held off.</summary>
    public static readonly Mutation UnpaidWhileProcessing = new("unpaid while processing")
    {
        Account = (_, message, decision) => message is PaymentReported { Status: PaymentStatus.Processing or PaymentStatus.Unknown, FirstSubmittedAt: { } first }
            ? decision with { State = decision.State with { Invoices = [.. decision.State.Invoices.Select(invoice => invoice.ReservedBy is null ? invoice : invoice with { HoldUntil = first + Duration.FromMilliseconds(1) })] } }
            : decision,
    };

    /// <summary>Every refund makes its invoice due again.</summary>
    public static readonly Mutation RefundReopens = new("a refund that reopens") { Told = message => message is RefundAsked refund ? refund with { Reopen = true } : message };

    /// <summary>A later rung counts from the failure before it instead of from the end of rung 0.</summary>
    public static readonly Mutation AnchoredAtLastFailure = new("a rung anchored at the last failure")
    {
        Invoice = (_, message, decision) => message is RungEnded { Rung: > 0 and var rung, Result: not RungResult.Paid } ended && rung < decision.State.RetryAfter.Length
            ? decision with { State = decision.State with { Ladder = [.. decision.State.Ladder.Select(line => line.Rung == 0 ? line with { At = ended.At - decision.State.RetryAfter[rung - 1] } : line)] } }
            : decision,
    };

    /// <summary>Of several steps that a late wake-up finds, the last alone is recorded.</summary>
    public static readonly Mutation SkipsAStep = new("a standing that skips a step")
    {
        Account = (_, _, decision) =>
        {
            var steps = decision.Events.Where(e => e.Type == "standing.changed" && e.Data["standing"]!.GetValue<string>() != StandingRecord.Good).ToImmutableArray();
            return steps.Length < 2 ? decision : decision with { Events = [.. decision.Events.Where(e => e.Type != "standing.changed" || e == steps[^1] || !steps.Contains(e))] };
        },
    };

    /// <summary>The forecast tells of steps and cancellations that a hold keeps back.</summary>
    public static readonly Mutation ForecastIgnoresAHold = new("a forecast that ignores a hold") { Foreseen = account => account with { Holds = [] } };

    public static readonly ImmutableArray<Mutation> All = [NoReservation, AbsentIsFailed, UnpaidWhileProcessing, RefundReopens, AnchoredAtLastFailure, SkipsAStep, ForecastIgnoresAHold];
}
