using System.Globalization;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>A charge as the gateway knows it: a row of its ledger.</summary>
internal sealed record Charge(string Payment, int Ordinal, Money Amount, AttemptOutcome Outcome, string? Code, Instant At)
{
    /// <summary>When it ends by itself, and how.</summary>
    public (Instant At, AttemptOutcome Outcome, string? Code)? Settles { get; init; }

    /// <summary>What the customer has to do, while it waits for that.</summary>
    public NextAction? Action { get; init; }

    /// <summary>What was sent back, in minor units.</summary>
    public long Refunded { get; init; }

    /// <summary>What a dispute took back, in minor units.</summary>
    public long Reversed { get; init; }

    public bool IsDisputed { get; init; }

    /// <summary>What is left of the money that it moved, in minor units.</summary>
    public long Left => Outcome == AttemptOutcome.Succeeded ? Amount.MinorUnits - Refunded - Reversed : 0;

    /// <summary>The ledger's word for where its money is.</summary>
    public string Status => this switch
    {
        { Outcome: AttemptOutcome.Processing or AttemptOutcome.AwaitingCustomer } => "processing",
        { Outcome: not AttemptOutcome.Succeeded } => "failed",
        { Reversed: > 0 } => "reversed",
        { IsDisputed: true } => "disputed",
        { Left: 0 } => "refunded",
        _ => "succeeded",
    };
}

/// <summary>
/// A gateway that does what each method's script says: <c>ok</c>, <c>decline:code</c>, <c>processing</c>, <c>processing_ok:2d</c>,
/// <c>processing_fail:2d</c>, <c>authentication_required</c>, <c>timeout</c>, <c>timeout_captured</c>, <c>error</c>. The last step of
/// a script repeats; a token without one is <c>ok</c>. A crypto address waits for its coins wherever another method is processing.
/// </summary>
internal sealed class ScriptedGateway
{
    private static readonly Duration Window = Duration.FromHours(1);

    private readonly Dictionary<string, Queue<string>> _scripts = new(StringComparer.Ordinal);
    private readonly HashSet<(string Payment, int Ordinal)> _closed = [];
    private readonly HashSet<string> _refunds = new(StringComparer.Ordinal);
    private int _disputes;

    public List<Charge> Charges { get; } = [];

    public int Submissions { get; private set; }

    /// <summary>It says of a charge that waits for the customer that it waits still, whoever wants it cancelled.</summary>
    public bool ConfirmsNoCancel { get; set; }

    public void Script(string token, params string[] steps) => _scripts[token] = new Queue<string>(steps);

    /// <summary>What the caller of a charge learns. One key is one charge; one that was asked about before it came is refused.</summary>
    public GatewayAnswered Submit(PaymentState payment, int ordinal, Instant now)
    {
        Submissions++;
        if (Find(payment.Id, ordinal) is { } known) return Answer(known, asked: false);
        if (_closed.Contains((payment.Id, ordinal))) return new GatewayAnswered(ordinal, AttemptOutcome.Error, Asked: false, Code: "key_closed");

        var candidate = payment.Attempts[ordinal - 1].Candidate;
        var step = Next(candidate.Token);
        var (name, argument) = step.Split(':') is [var left, var right] ? (left, right) : (step, "");
        var charge = new Charge(payment.Id, ordinal, payment.Start!.Amount, AttemptOutcome.Processing, null, now);
        switch (name)
        {
            case "ok":
                return Answer(Keep(charge with { Outcome = AttemptOutcome.Succeeded }), asked: false);
            case "decline":
                return Answer(Keep(charge with { Outcome = AttemptOutcome.Declined, Code = argument }), asked: false);
            case "processing":
                return Answer(Keep(Waiting(charge, candidate, payment)), asked: false);
            case "processing_ok":
                return Answer(Keep(Waiting(charge with { Settles = (now + Days.Parse(argument), AttemptOutcome.Succeeded, null) }, candidate, payment)), asked: false);
            case "processing_fail":
                return Answer(Keep(Waiting(charge with { Settles = (now + Days.Parse(argument), AttemptOutcome.Declined, "payment_failed") }, candidate, payment)), asked: false);
            case "authentication_required" when payment.Start.ByHand:
                return Answer(Keep(Asking(charge, new NextAction($"https://gateway.invalid/{Reference(charge)}", null, null, null, ExpiryOf(payment, now)))), asked: false);
            case "authentication_required":
                return Answer(Keep(charge with { Outcome = AttemptOutcome.Declined, Code = name }), asked: false);
            case "timeout_captured":
                Keep(charge with { Outcome = AttemptOutcome.Succeeded });
                return new GatewayAnswered(ordinal, AttemptOutcome.Unknown, Asked: false);
            case "timeout":
                return new GatewayAnswered(ordinal, AttemptOutcome.Unknown, Asked: false);
            case "error":
                return new GatewayAnswered(ordinal, AttemptOutcome.Error, Asked: false);
            default:
                throw new FormatException($"No such step of a script: {step}.");
        }
    }

    /// <summary>What the gateway says when it is asked about an attempt. One that it does not know it will never take.</summary>
    public GatewayAnswered Read(string payment, int ordinal)
    {
        if (Find(payment, ordinal) is { } charge) return Answer(charge, asked: true);
        _closed.Add((payment, ordinal));
        return new GatewayAnswered(ordinal, AttemptOutcome.NotCaptured, Asked: true);
    }

    /// <summary>Ends an attempt that waits for the customer. One that has failed takes no money either; any other goes on.</summary>
    public GatewayAnswered Cancel(string payment, int ordinal, Instant now)
    {
        if (Find(payment, ordinal) is not { } charge)
        {
            _closed.Add((payment, ordinal));
            return new GatewayAnswered(ordinal, AttemptOutcome.Cancelled, Asked: true, At: now);
        }

        if (charge.Outcome == AttemptOutcome.AwaitingCustomer && ConfirmsNoCancel) return Answer(charge, asked: true);
        if (charge.Outcome == AttemptOutcome.AwaitingCustomer) charge = Replace(charge, charge with { Outcome = AttemptOutcome.Cancelled, Code = "cancelled", At = now, Settles = null });
        return charge.Status == "failed"
            ? new GatewayAnswered(ordinal, AttemptOutcome.Cancelled, Asked: true, Reference(charge), Code: charge.Code, At: charge.At)
            : Answer(charge, asked: true);
    }

    /// <summary>Sends money back, once for each name.</summary>
    public RefundAnswered Refund(string payment, string refund, Money amount)
    {
        if (_refunds.Contains(refund)) return new RefundAnswered(refund, AttemptOutcome.Succeeded, $"re-{refund}", null);
        var captured = Charges.Where(charge => charge.Payment == payment && charge.Left > 0 && !charge.IsDisputed).ToArray();
        if (captured.Sum(charge => charge.Left) < amount.MinorUnits) return new RefundAnswered(refund, AttemptOutcome.Declined, null, "charge_not_refundable");
        var left = amount.MinorUnits;
        foreach (var charge in captured)
        {
            var part = Math.Min(left, charge.Left);
            Replace(charge, charge with { Refunded = charge.Refunded + part });
            left -= part;
        }

        _refunds.Add(refund);
        return new RefundAnswered(refund, AttemptOutcome.Succeeded, $"re-{refund}", null);
    }

    /// <summary>Plays a dispute; <see langword="null"/> where the charge cannot have it.</summary>
    /// <param name="taken">What is taken back, in minor units; without it all that is left.</param>
    public GatewayDisputed? Dispute(Charge charge, DisputeOutcome outcome, Instant now, long? taken = null)
    {
        Charge? next = (outcome, charge.Status) switch
        {
            (DisputeOutcome.Opened, "succeeded") => charge with { IsDisputed = true },
            (DisputeOutcome.Won, "disputed" or "succeeded") => charge with { IsDisputed = false },
            (DisputeOutcome.Lost, "succeeded" or "disputed") => charge with { IsDisputed = false, Reversed = charge.Reversed + (taken ?? charge.Left) },
            _ => null,
        };
        if (next is null) return null;
        Replace(charge, next);
        return new GatewayDisputed(
            string.Create(CultureInfo.InvariantCulture, $"evt-{charge.Payment}-{charge.Ordinal}-dispute-{++_disputes}"), charge.Ordinal, outcome, new Money(taken ?? charge.Left, charge.Amount.Currency), now);
    }

    /// <summary>It moved, or is to move, another amount than was asked for: coins come short.</summary>
    public Charge Correct(Charge charge, Money amount) => Replace(charge, charge with { Amount = amount });

    public Instant? NextSettlement() => Charges.Min(charge => charge.Settles?.At);

    /// <summary>Ends what settles by now, oldest first, and reports each end.</summary>
    public IEnumerable<(string Payment, GatewayReported Report)> Settle(Instant now)
    {
        foreach (var charge in Charges.Where(charge => charge.Settles?.At <= now).OrderBy(charge => charge.Settles!.Value.At).ToArray())
        {
            var (at, outcome, code) = charge.Settles!.Value;
            yield return Settle(charge, outcome, at, code);
        }
    }

    /// <summary>Ends a charge, as the bank, the customer or the coins would.</summary>
    public (string Payment, GatewayReported Report) Settle(Charge charge, AttemptOutcome outcome, Instant at, string? code = null)
    {
        var settled = Replace(charge, charge with { Outcome = outcome, At = at, Code = outcome == AttemptOutcome.Declined ? code ?? "payment_failed" : null, Settles = null });
        return (charge.Payment, ReportOf(settled));
    }

    public static GatewayReported ReportOf(Charge charge) => new(
        string.Create(CultureInfo.InvariantCulture, $"evt-{charge.Payment}-{charge.Ordinal}-{charge.Outcome}"), charge.Ordinal, charge.Outcome, Reference(charge),
        charge.Outcome == AttemptOutcome.Succeeded ? charge.Amount : null, charge.Code, charge.At);

    private static Charge Waiting(Charge charge, MethodCandidate candidate, PaymentState payment) => candidate.Kind != MethodKind.Crypto
        ? charge
        : Asking(charge, new NextAction(null, $"addr-{Reference(charge)}", charge.Amount.ToString(), "coins", ExpiryOf(payment, charge.At)));

    /// <summary>Waits for the customer until its window closes, unless it settles by then.</summary>
    private static Charge Asking(Charge charge, NextAction action) => charge with
    {
        Outcome = AttemptOutcome.AwaitingCustomer,
        Action = action,
        Settles = charge.Settles is { } own && own.At <= action.ExpiresAt ? own : (action.ExpiresAt!.Value, AttemptOutcome.Declined, "expired"),
    };

    private static Instant ExpiryOf(PaymentState payment, Instant now) => payment.ExpiresAt ?? now + Window;

    private static string Reference(Charge charge) => string.Create(CultureInfo.InvariantCulture, $"ch-{charge.Payment}-{charge.Ordinal}");

    private static GatewayAnswered Answer(Charge charge, bool asked) => new(
        charge.Ordinal, charge.Outcome, asked, Reference(charge), charge.Outcome == AttemptOutcome.Succeeded ? charge.Amount : null, charge.Code, charge.At,
        charge.Outcome == AttemptOutcome.AwaitingCustomer ? charge.Action : null);

    private string Next(string token)
    {
        if (!_scripts.TryGetValue(token, out var script)) return "ok";
        return script.Count > 1 ? script.Dequeue() : script.Peek();
    }

    private Charge? Find(string payment, int ordinal) => Charges.Find(charge => charge.Payment == payment && charge.Ordinal == ordinal);

    private Charge Keep(Charge charge)
    {
        Charges.Add(charge);
        return charge;
    }

    private Charge Replace(Charge charge, Charge next)
    {
        Charges[Charges.FindIndex(known => ReferenceEquals(known, charge))] = next;
        return next;
    }
}
