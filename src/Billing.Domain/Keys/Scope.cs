namespace Billing.Domain;

/// <summary>What a key may do. The words are a stored and a wire contract.</summary>
public enum Scope
{
    /// <summary>Ask the gate, and nothing else.</summary>
    Gate,

    /// <summary>Every <c>GET</c> but mail and keys.</summary>
    Read,

    /// <summary>What a shop does: accounts, methods, invoices, subscriptions, charges, paying, resources.</summary>
    Write,

    /// <summary>What an operator does: policies, holds, controls, corrections, money back, credits, clocks, keys, mail.</summary>
    Operate,
}
