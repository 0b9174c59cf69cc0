using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>What a pay link shows: what is due and how it can be paid, and nothing of who the customer is.</summary>
public sealed record PayPage
{
    /// <summary>The link.</summary>
    public required string Link { get; init; }

    /// <summary>Whether it still pays. One that has ended because nothing is due shows only what became of its own payments.</summary>
    public required bool IsAlive { get; init; }

    /// <summary>Until when it leads here.</summary>
    public required Instant ExpiresAt { get; init; }

    /// <summary>The account's currency.</summary>
    public required Currency Currency { get; init; }

    /// <summary>What is due on all open invoices.</summary>
    public required Money AmountDue { get; init; }

    /// <summary>What of it is late.</summary>
    public required Money AmountUnpaid { get; init; }

    /// <summary>What a payment with the link pays now: all that is unpaid and free, else all that is open and free.</summary>
    public required Money AmountToPay { get; init; }

    /// <summary>The open invoices, oldest first.</summary>
    public ImmutableArray<PayPageInvoice> Invoices { get => field.OrEmpty(); init; }

    /// <summary>The methods on file, tokens included: for the API, which never shows them.</summary>
    public ImmutableArray<PaymentMethod> Methods { get => field.OrEmpty(); init; }

    /// <summary>The default method's id.</summary>
    public string? DefaultMethod { get; init; }

    /// <summary>The newest payment by hand that is under way.</summary>
    public string? Payment { get; init; }

    /// <summary>Whether the account is a test account.</summary>
    public bool Test { get; init; }

    /// <summary>What the link of a token's hash shows at an instant; <see langword="null"/> where it leads nowhere.</summary>
    public static PayPage? Of(AccountState account, PolicyBook policies, string hash, Instant now)
    {
        if (account.Profile is null || PayLinks.Find(account, hash) is not { } link || link.ExpiresAt <= now) return null;
        var reached = StandingRecorder.At(account, policies, now);
        var unpaid = Gate.Unpaid(reached);
        ImmutableArray<OpenInvoice> open = [.. reached.Invoices.OldestFirst().Where(invoice => !invoice.IsWrittenOff)];
        return new PayPage
        {
            Link = link.Id,
            IsAlive = link.IsAlive(now) && !open.IsEmpty,
            ExpiresAt = link.ExpiresAt,
            Currency = account.Currency,
            AmountDue = open.Sum(account.Currency, invoice => invoice.Due),
            AmountUnpaid = unpaid.Sum(account.Currency, invoice => invoice.Due),
            AmountToPay = PayingByHand.AmountOfAll(reached, policies, now),
            Invoices = [.. open.Select(invoice => new PayPageInvoice(invoice.Id, invoice.Number, invoice.Due, invoice.DueAt, invoice.ReservedBy is not null))],
            Methods = account.Methods,
            DefaultMethod = account.DefaultMethod,
            Payment = account.Payments.LastOrDefault(payment => payment.ByHand)?.Id,
            Test = account.Existing.Test,
        };
    }
}

/// <summary>An invoice as a pay link shows it.</summary>
/// <param name="Id">Its id, for the API.</param>
/// <param name="Number">Its number.</param>
/// <param name="Due">What is due on it.</param>
/// <param name="DueAt">When it was or is due.</param>
/// <param name="IsReserved">Whether a payment for it is under way.</param>
public sealed record PayPageInvoice(string Id, string Number, Money Due, Instant DueAt, bool IsReserved);
