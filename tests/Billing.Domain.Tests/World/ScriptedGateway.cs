using System.Globalization;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>A charge as the gateway knows it.</summary>
internal sealed record Charge(string Payment, int Ordinal, Money Amount, AttemptOutcome Outcome, string? Code, Instant At)
{
    /// <summary>When it settles by itself, and how.</summary>
    public (Instant At, AttemptOutcome Outcome)? Settles { get; init; }
}

/// <summary>
/// A gateway that does what each method's script says: <c>ok</c>, <c>decline:code</c>, <c>processing</c>, <c>processing_ok:2d</c>,
/// <c>processing_fail:2d</c>, <c>timeout</c>, <c>timeout_captured</c>, <c>error</c>. The last step of a script repeats.
/// </summary>
internal sealed class ScriptedGateway
{
    private readonly Dictionary<string, Queue<string>> _scripts = new(StringComparer.Ordinal);

    public List<Charge> Charges { get; } = [];

    public int Submissions { get; private set; }

    public void Script(string token, params string[] steps) => _scripts[token] = new Queue<string>(steps);

    /// <summary>What the caller of a charge learns.</summary>
    public GatewayAnswered Submit(string payment, Attempt attempt, Money amount, Instant now)
    {
        Submissions++;
        var script = _scripts[attempt.Candidate.Token];
        var step = script.Count > 1 ? script.Dequeue() : script.Peek();
        var (name, argument) = step.Split(':') is [var left, var right] ? (left, right) : (step, "");
        var charge = new Charge(payment, attempt.Ordinal, amount, AttemptOutcome.Processing, null, now);
        switch (name)
        {
            case "ok":
                return Answer(Keep(charge with { Outcome = AttemptOutcome.Succeeded }), asked: false);
            case "decline":
                return Answer(Keep(charge with { Outcome = AttemptOutcome.Declined, Code = argument }), asked: false);
            case "processing":
                return Answer(Keep(charge), asked: false);
            case "processing_ok":
                return Answer(Keep(charge with { Settles = (now + Days.Parse(argument), AttemptOutcome.Succeeded) }), asked: false);
            case "processing_fail":
                return Answer(Keep(charge with { Settles = (now + Days.Parse(argument), AttemptOutcome.Declined) }), asked: false);
            case "timeout_captured":
                Keep(charge with { Outcome = AttemptOutcome.Succeeded });
                return new GatewayAnswered(attempt.Ordinal, AttemptOutcome.Unknown, Asked: false);
            case "timeout":
                return new GatewayAnswered(attempt.Ordinal, AttemptOutcome.Unknown, Asked: false);
            case "error":
                return new GatewayAnswered(attempt.Ordinal, AttemptOutcome.Error, Asked: false);
            default:
                throw new FormatException($"No such step of a script: {step}.");
        }
    }

    /// <summary>What the gateway says when it is asked about an attempt.</summary>
    public GatewayAnswered Read(string payment, int ordinal) =>
        Charges.Find(charge => charge.Payment == payment && charge.Ordinal == ordinal) is { } charge
            ? Answer(charge, asked: true)
            : new GatewayAnswered(ordinal, AttemptOutcome.NotCaptured, Asked: true);

    public Instant? NextSettlement() => Charges.Min(charge => charge.Settles?.At);

    /// <summary>Ends what settles by now, oldest first, and reports each end.</summary>
    public IEnumerable<(string Payment, GatewayReported Report)> Settle(Instant now)
    {
        foreach (var charge in Charges.Where(charge => charge.Settles?.At <= now).OrderBy(charge => charge.Settles!.Value.At).ToArray())
        {
            yield return Settle(charge, charge.Settles!.Value.Outcome, charge.Settles.Value.At);
        }
    }

    public (string Payment, GatewayReported Report) Settle(Charge charge, AttemptOutcome outcome, Instant at)
    {
        var settled = charge with { Outcome = outcome, At = at, Code = outcome == AttemptOutcome.Declined ? "payment_failed" : null, Settles = null };
        Charges[Charges.IndexOf(charge)] = settled;
        return (charge.Payment, ReportOf(settled));
    }

    public static GatewayReported ReportOf(Charge charge) => new(
        string.Create(CultureInfo.InvariantCulture, $"evt-{charge.Payment}-{charge.Ordinal}-{charge.Outcome}"), charge.Ordinal, charge.Outcome, Reference(charge),
        charge.Outcome == AttemptOutcome.Succeeded ? charge.Amount : null, charge.Code, charge.At);

    private static string Reference(Charge charge) => string.Create(CultureInfo.InvariantCulture, $"ch-{charge.Payment}-{charge.Ordinal}");

    private static GatewayAnswered Answer(Charge charge, bool asked) => new(
        charge.Ordinal, charge.Outcome, asked, Reference(charge), charge.Outcome == AttemptOutcome.Succeeded ? charge.Amount : null, charge.Code, charge.At);

    private Charge Keep(Charge charge)
    {
        Charges.Add(charge);
        return charge;
    }
}
