using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>When a standing holds. Every case has an instant from which it is true if nothing else happens (<see cref="ConditionClock"/>).</summary>
public abstract record Condition
{
    private Condition()
    {
    }

    /// <summary>The single conditions that it is made of.</summary>
    public IEnumerable<Condition> Leaves() => this switch
    {
        All all => all.Of.SelectMany(condition => condition.Leaves()),
        Any any => any.Of.SelectMany(condition => condition.Leaves()),
        Not not => not.Of.Leaves(),
        _ => [this],
    };

    /// <summary>Some invoice has been unpaid for so long: the earliest <c>unpaid_since</c> + <paramref name="For"/>.</summary>
    public sealed record UnpaidFor(Duration For) : Condition;

    /// <summary>So many invoices are unpaid: since the <paramref name="Count"/>-th became so.</summary>
    public sealed record UnpaidInvoices(int Count) : Condition;

    /// <summary>What is unpaid reached so much, in the account's currency; never where the policy names no amount for it.</summary>
    public sealed record UnpaidBalance(ImmutableDictionary<string, long> MinorUnits) : Condition;

    /// <summary>Rung 0 of some unpaid invoice ended without paying.</summary>
    public sealed record CollectionFailed : Condition;

    /// <summary>The last rung of some unpaid invoice ended without paying.</summary>
    public sealed record RetriesExhausted : Condition;

    /// <summary>The account has been continuously at that standing or a worse one for so long.</summary>
    public sealed record InStanding(string Standing, Duration For) : Condition;

    /// <summary>The account carries the tag.</summary>
    public sealed record Tagged(string Tag) : Condition;

    /// <summary>The newest attempt on some unpaid invoice was a hard decline.</summary>
    public sealed record HardDeclined : Condition;

    /// <summary>All of these hold.</summary>
    public sealed record All(ImmutableArray<Condition> Of) : Condition;

    /// <summary>At least one of these holds.</summary>
    public sealed record Any(ImmutableArray<Condition> Of) : Condition;

    /// <summary>It does not hold; around <see cref="Tagged"/> alone.</summary>
    public sealed record Not(Condition Of) : Condition;
}
