using System.Diagnostics.Metrics;

namespace Billing.Grains.Hosting;

/// <summary>What the house counts, under the meter <see cref="Name"/>. Without a listener a count costs next to nothing. docs/operations.md says what each is good for.</summary>
public static class BillingMeter
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Billing";

    /// <summary>The meter.</summary>
    public static Meter Meter { get; } = new(Name);

    private static readonly Counter<long> GateDecisions = Meter.CreateCounter<long>("billing.gate.decisions", "{decision}", "What the gate answered.");
    private static readonly Counter<long> Commands = Meter.CreateCounter<long>("billing.commands", "{command}", "Commands that grains were given.");
    private static readonly Histogram<double> Writes = Meter.CreateHistogram<double>("billing.writes", "s", "How long a grain's one write took.");
    private static readonly Counter<long> Deliveries = Meter.CreateCounter<long>("billing.deliveries", "{delivery}", "Tries to hand over a message of an outbox.");
    private static readonly Histogram<double> Outside = Meter.CreateHistogram<double>("billing.gateway.calls", "s", "How long gateways, and whoever sends notices, took.");
    private static readonly Counter<long> Pokes = Meter.CreateCounter<long>("billing.sweeper.pokes", "{poke}", "Grains that a sweeper woke: what a timer, a reminder or a process forgot.");

    /// <summary>The gate has answered.</summary>
    public static void Decided(bool? isAllowed) => GateDecisions.Add(1, Tag("outcome", isAllowed switch { true => "allowed", false => "denied", null => "refused" }));

    /// <summary>A grain has answered a command.</summary>
    internal static void Commanded(string kind, Reply reply) => Commands.Add(1, Tag("kind", kind), Tag("outcome", reply is Refused refused ? refused.Code : "done"));

    /// <summary>A write has ended.</summary>
    internal static void Written(string kind, TimeSpan took, bool isStored)
    {
        if (Writes.Enabled) Writes.Record(took.TotalSeconds, Tag("kind", kind), Tag("outcome", isStored ? "stored" : "failed"));
    }

    /// <summary>A try to hand over a message has ended.</summary>
    internal static void Delivered(string to, bool isTaken) => Deliveries.Add(1, Tag("to", KindOf(to)), Tag("outcome", isTaken ? "taken" : "failed"));

    /// <summary>Somebody who is no grain has answered.</summary>
    internal static void Performed(string to, Message asked, Message answer, TimeSpan took)
    {
        if (!Outside.Enabled) return;
        var outcome = answer switch { GatewayAnswered charge => charge.Outcome.ToString(), RefundAnswered refund => refund.Outcome.ToString(), _ => "done" };
        Outside.Record(took.TotalSeconds, Tag("to", to), Tag("call", asked.GetType().Name), Tag("outcome", outcome));
    }

    /// <summary>A sweeper has woken some grains.</summary>
    internal static void Poked(string why, int count)
    {
        if (count > 0) Pokes.Add(count, Tag("why", why));
    }

    /// <summary>The kind in a receiver's key; ids would make a series for each.</summary>
    private static string KindOf(string to) => to.IndexOf('/', StringComparison.Ordinal) is var slash and > 0 ? to[..slash] : to;

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
