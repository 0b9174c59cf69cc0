using Billing.Api.Accounts;

namespace Billing.Api.Credits;

/// <summary>Credit to grant.</summary>
public sealed record CreditRequest
{
    /// <summary><c>prepayment</c> is spent before any method is charged; <c>promo</c> on charges before tax, when an invoice is issued.</summary>
    public required CreditKind Kind { get; init; }

    /// <summary>How much, 1 to 10¹² minor units of the account's currency.</summary>
    public required long Amount { get; init; }

    /// <summary>When promo ends, after now; left out, never. Prepayment never expires.</summary>
    public Instant? ExpiresAt { get; init; }
}

/// <summary>Prepayment to send back.</summary>
public sealed record CreditRefundRequest
{
    /// <summary>How much, from 1; at most the prepayment that came from payments. Granted credit cannot be sent out.</summary>
    public required long Amount { get; init; }
}

/// <summary>Credit that was granted. Amounts are in minor units.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Account">Who has it.</param>
/// <param name="Kind">Which kind.</param>
/// <param name="Amount">How much was granted.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="ExpiresAt">When it ends; <c>null</c>: never.</param>
/// <param name="Credit">What the account holds now; prepayment pays at once what is unpaid.</param>
public sealed record CreditGrantResponse(string Id, string Account, CreditKind Kind, long Amount, string Currency, Instant? ExpiresAt, CreditResponse Credit);

/// <summary>What is left of one payment or grant.</summary>
/// <param name="Id">The payment that it came from, or the grant.</param>
/// <param name="Kind">Which kind.</param>
/// <param name="Amount">What is left, in minor units.</param>
/// <param name="Since">Since when it is held.</param>
/// <param name="Granted">Whether it was granted: such credit cannot be sent out.</param>
/// <param name="ExpiresAt">When it ends; <c>null</c>: never.</param>
public sealed record CreditLotResponse(string Id, CreditKind Kind, long Amount, Instant Since, bool Granted, Instant? ExpiresAt);

/// <summary>Money held for an account, in minor units.</summary>
/// <param name="Account">Who has it.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Prepayment">Spent before any method is charged.</param>
/// <param name="Promo">Spent on charges before tax.</param>
/// <param name="Lots">What it consists of, prepayment first, each kind in the order in which it is spent.</param>
public sealed record CreditsResponse(string Account, string Currency, long Prepayment, long Promo, IReadOnlyList<CreditLotResponse> Lots)
{
    internal static CreditsResponse Of(AccountView view) => new(
        view.Profile.Id, view.Profile.Currency!.Value.Code, view.Prepayment.MinorUnits, view.Promo.MinorUnits,
        [
            .. view.PrepaymentLots.Select(lot => new CreditLotResponse(lot.Payment, CreditKind.Prepayment, lot.Amount.MinorUnits, lot.At, lot.IsGranted, ExpiresAt: null)),
            .. view.PromoLots.Select(lot => new CreditLotResponse(lot.Id, CreditKind.Promo, lot.Amount.MinorUnits, lot.At, Granted: true, lot.ExpiresAt)),
        ]);
}
