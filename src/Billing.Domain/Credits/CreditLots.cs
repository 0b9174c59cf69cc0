using NodaTime;

namespace Billing.Domain;

/// <summary>What kind of credit an account holds.</summary>
public enum CreditKind
{
    /// <summary>Spent before any method is charged; never expires.</summary>
    Prepayment,

    /// <summary>Spent on charges before tax, when an invoice is issued; may expire.</summary>
    Promo,
}

/// <summary>What is left of money held for the account.</summary>
/// <param name="Payment">The payment that it came from; for credit that was granted, the grant's name.</param>
/// <param name="Amount">What is left: more than nothing.</param>
/// <param name="At">Since when.</param>
/// <param name="IsGranted">Whether an operator granted it: such credit cannot be sent out.</param>
public sealed record PrepaymentLot(string Payment, Money Amount, Instant At, bool IsGranted = false);

/// <summary>What is left of promotional credit.</summary>
/// <param name="Id">The grant's name.</param>
/// <param name="Amount">What is left: more than nothing.</param>
/// <param name="At">When it was granted.</param>
/// <param name="ExpiresAt">When it ends; <see langword="null"/>: never.</param>
public sealed record PromoLot(string Id, Money Amount, Instant At, Instant? ExpiresAt);

/// <summary>Promotional credit that an invoice used; given back when the invoice is withdrawn, unless it has expired.</summary>
public sealed record PromoPart(string Lot, Money Amount, Instant GrantedAt, Instant? ExpiresAt);

/// <summary>
/// Sums over an account's life. What came in (captured, received elsewhere, granted) less what went out (refunded, reversed,
/// expired) is what is applied to invoices and what is left as prepayment and promo.
/// </summary>
/// <param name="Captured">What gateways captured, and what was received elsewhere.</param>
/// <param name="Applied">What lies on invoices: prepayment and promo, less what came back from void ones.</param>
public sealed record MoneyTotals(Money Captured, Money Applied)
{
    /// <summary>Credit that operators granted, of either kind.</summary>
    public Money? Granted { get; init; }

    /// <summary>What we sent back.</summary>
    public Money? Refunded { get; init; }

    /// <summary>What was taken back.</summary>
    public Money? Reversed { get; init; }

    /// <summary>Promotional credit that expired unspent.</summary>
    public Money? Expired { get; init; }
}
