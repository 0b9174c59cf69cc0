using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>Makes or changes an account. Only the fields named in <see cref="Given"/> count.</summary>
/// <param name="Given">The wire names of the fields that the caller gave, <c>null</c> ones included.</param>
/// <param name="Fields">Their values.</param>
public sealed record PutAccount(ImmutableArray<string> Given, AccountProfile Fields) : Message;

/// <summary>Adds a payment method, or gives a known one another token.</summary>
/// <param name="Method">The method; its id is the caller's.</param>
/// <param name="MakeDefault">Whether it becomes the default; <see langword="null"/>: the first does.</param>
public sealed record PutPaymentMethod(PaymentMethod Method, bool? MakeDefault) : Message;

/// <summary>Removes a payment method that no live payment may still use.</summary>
public sealed record RemovePaymentMethod(string Method) : Message;

/// <summary>Makes a method the default.</summary>
public sealed record MakeDefault(string Method, IdempotencyKey? Key) : Message;

/// <summary>Pays by hand.</summary>
public sealed record Pay : Message
{
    /// <summary>The pay link with which the customer pays; it has to be alive in the very write that starts the payment.</summary>
    public string? Link { get; init; }

    /// <summary>The name of the payment, derived from account, path and key.</summary>
    public required string Payment { get; init; }

    /// <summary>The caller's key.</summary>
    public required IdempotencyKey Key { get; init; }

    /// <summary>The invoices to pay; empty: what is unpaid, else all that is open.</summary>
    public ImmutableArray<string> Invoices { get => field.OrEmpty(); init; }

    /// <summary>What the customer was shown as to be paid; <see langword="null"/>: whatever it is.</summary>
    public Money? Expected { get; init; }

    /// <summary>A method on file; <see langword="null"/> for the default or a one-off.</summary>
    public string? Method { get; init; }

    /// <summary>A method for this payment alone, never the default.</summary>
    public MethodCandidate? OneOff { get; init; }

    /// <summary>How the one-off looks on file, where it is put when it has paid; <see langword="null"/>: it is not kept.</summary>
    public MethodFace? Keep { get; init; }
}

/// <summary>Withdraws an open invoice that no payment has reserved.</summary>
public sealed record VoidInvoice(string Invoice, IdempotencyKey? Key) : Message;

/// <summary>Gives up on an open invoice: it counts nowhere, and stays payable. Paying it, or any part of it, takes that back.</summary>
public sealed record WriteOff(string Invoice, IdempotencyKey? Key) : Message;

/// <summary>Takes a write-off back.</summary>
public sealed record UndoWriteOff(string Invoice, IdempotencyKey? Key) : Message;

/// <summary>Issues a credit note on an open invoice: first on what is due, then on what was paid, which becomes prepayment.</summary>
/// <param name="Invoice">The invoice.</param>
/// <param name="Amount">Gross; at most its total less the credit notes so far.</param>
/// <param name="Reason">What the credit note says.</param>
/// <param name="Key">The caller's key.</param>
public sealed record AdjustInvoice(string Invoice, Money Amount, string Reason, IdempotencyKey? Key) : Message;

/// <summary>Grants credit.</summary>
/// <param name="Credit">The grant's name.</param>
/// <param name="Kind">Which kind.</param>
/// <param name="Amount">How much.</param>
/// <param name="ExpiresAt">When promotional credit ends; <see langword="null"/>: never. Prepayment never expires.</param>
/// <param name="Key">The caller's key.</param>
public sealed record GrantCredit(string Credit, CreditKind Kind, Money Amount, Instant? ExpiresAt, IdempotencyKey? Key) : Message;

/// <summary>Sends prepayment back through the payments it came from, newest first. Granted credit cannot be sent out.</summary>
public sealed record RefundCredit(Money Amount, IdempotencyKey? Key) : Message;

/// <summary>Account → notices: the policy promises this message.</summary>
/// <param name="Id">Names it for ever.</param>
/// <param name="Account">Whom it is for.</param>
/// <param name="Notice">Which one.</param>
/// <param name="Facts">What it tells.</param>
/// <param name="Sending">How often it was sent before and came back.</param>
public sealed record SendNotice(string Id, string Account, string Notice, NoticeFacts? Facts = null, int Sending = 0) : Message;

/// <summary>Whoever delivers notices has taken this one for the owner.</summary>
/// <param name="Id">The notice.</param>
/// <param name="Notice">Which one.</param>
/// <param name="At">When.</param>
/// <param name="Sending">Which sending.</param>
public sealed record NoticeAccepted(string Id, string Notice, Instant At, int Sending = 0) : Message;

/// <summary>Whoever delivers notices will never take this one for the owner's address.</summary>
/// <param name="Id">The notice.</param>
/// <param name="Notice">Which one.</param>
/// <param name="Code">The relay's answer: an SMTP reply code, with the enhanced status code where it gives one.</param>
public sealed record NoticeRefused(string Id, string Notice, string Code) : Message;
