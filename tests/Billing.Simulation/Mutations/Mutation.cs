using Billing.Domain;
using Billing.Embedded.Deterministic;
using Billing.Grains.Accounts;
using NodaTime;

namespace Billing.Simulation.Mutations;

/// <summary>
/// A mistake, made on purpose between a grain and its rules, to see that the net catches it. Nothing of it is in the
/// product: the simulation hosts a grain whose decisions it alters.
/// </summary>
/// <param name="Name">What is wrong.</param>
internal sealed record Mutation(string Name)
{
    private static readonly SimulatedGrains s_real = SimulatedGrains.Of(typeof(AccountGrain).Assembly);

    private static readonly SimulatedGrains s_mutated = new(
        typeof(AccountGrain).Assembly.GetTypes().Where(type => type != typeof(AccountGrain) && type != typeof(Grains.Invoices.InvoiceGrain))
            .Concat([typeof(MutatedAccountGrain), typeof(MutatedInvoiceGrain)]));

    /// <summary>The product as it is.</summary>
    public static readonly Mutation None = new("none");

    /// <summary>Alters what an account is told.</summary>
    public Func<Message, Message>? Told { get; init; }

    /// <summary>Alters what an account decided.</summary>
    public Func<AccountState, Message, Decision<AccountState>, Decision<AccountState>>? Account { get; init; }

    /// <summary>Alters what an invoice decided.</summary>
    public Func<InvoiceState, Message, Decision<InvoiceState>, Decision<InvoiceState>>? Invoice { get; init; }

    /// <summary>Alters the account that a forecast is told of.</summary>
    public Func<AccountState, AccountState>? Foreseen { get; init; }

    /// <summary>A gateway's "no such charge" is taken as a decline.</summary>
    public bool SaysAbsentIsDeclined { get; init; }

    /// <summary>Whether forecasts are to be looked at: another mistake has a property of its own that must catch it.</summary>
    public bool IsOfForesight => Foreseen is not null || ReferenceEquals(this, None);

    /// <summary>The grain classes that live with it.</summary>
    public SimulatedGrains Grains => Told is null && Account is null && Invoice is null ? s_real : s_mutated;

    public override string ToString() => Name;
}
