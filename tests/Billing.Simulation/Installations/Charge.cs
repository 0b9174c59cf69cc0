using Billing.Domain;
using Billing.Gateways;
using NodaTime;

namespace Billing.Simulation.Installations;

/// <summary>A row of the gateway's ledger.</summary>
internal sealed class Charge(string key, string payment, string account, Money asked, MethodKind kind, Instant at)
{
    public string Key { get; } = key;

    public string Payment { get; } = payment;

    public string Account { get; } = account;

    public Money Asked { get; } = asked;

    public MethodKind Kind { get; } = kind;

    public int Ordinal { get; } = int.Parse(key[(key.LastIndexOf('/') + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    public string Reference => "ch-" + Key;

    public ChargeStatus Status { get; set; } = ChargeStatus.Processing;

    public string? Code { get; set; }

    public Instant At { get; set; } = at;

    public NextAction? Action { get; set; }

    /// <summary>Whether the customer had to act: what comes then is the customer's act, and may come twice.</summary>
    public bool IsCustomersAct { get; set; }

    public long Captured { get; set; }

    public long Refunded { get; set; }

    public long Reversed { get; set; }

    public bool IsDisputed { get; set; }

    public long Left => Captured - Refunded - Reversed;

    public ChargeAnswer Answer => new(
        Status, Reference, Status == ChargeStatus.Succeeded ? new Money(Captured, Asked.Currency) : null, Code, At, Status == ChargeStatus.AwaitingCustomer ? Action : null);

    public override string ToString() => $"{Key} {Status} {Code} asked {Asked.MinorUnits} captured {Captured} refunded {Refunded} reversed {Reversed}";
}
