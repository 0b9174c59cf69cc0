using System.Collections.Frozen;

namespace Billing.Api.Hosting;

/// <summary>What a problem code means: its HTTP status and the text of its page.</summary>
/// <param name="Code">The stable code.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">What it is, in a few words.</param>
/// <param name="What">What happened.</param>
/// <param name="Do">What the caller can do.</param>
internal sealed record ProblemKind(string Code, int Status, string Title, string What, string Do);

/// <summary>Every problem code: the one place that maps a code to a status.</summary>
internal static class ProblemCatalog
{
    public const string Unauthenticated = "unauthenticated";
    public const string Forbidden = "forbidden";
    public const string TooLarge = "too_large";
    public const string InternalError = "internal_error";

    private static readonly FrozenDictionary<string, ProblemKind> Kinds = new ProblemKind[]
    {
        new(Problems.InvalidRequest, 422, "The request is not acceptable",
            "The request is not well formed (400), or it is and some of its fields are not acceptable (422). Nothing was changed.",
            "Correct every field that `errors` lists, each with its path, and send the request again."),
        new(Unauthenticated, 401, "No valid key", "The call has no key, or one that is not known.",
            "Send `Authorization: Bearer <key>` with a key of this installation."),
        new(Problems.PaymentDeclined, 402, "The payment was declined",
            "The gateway declined the payment for good. No money moved, and the invoices are as they were.",
            "Look at `decline_code` and ask the customer for another payment method, then pay again with a new Idempotency-Key."),
        new(Forbidden, 403, "The key may not do this", "The key is known and lacks the scope that this call needs.", "Use a key with that scope."),
        new(Problems.OperationDenied, 403, "The account may not do this", "The gate denies this operation to the account.",
            "`standing` says why, `amount_to_clear` what to pay; ask the gate for the invoices."),
        new(Problems.NotFound, 404, "There is no such thing", "Nothing has this id or this path.", "Check the id, the path and the method of the request."),
        new(TooLarge, 413, "The body is too large", "The body is larger than this call takes.", "Send less; docs/api.md names the bounds."),
        new(Problems.OperationUnknown, 422, "Nobody knows this operation", "The gate was asked about an operation that neither the house nor a policy names.",
            "Check the spelling; a policy makes an operation known by denying it in some standing."),
        new(Problems.PolicyInvalid, 422, "The policy is not valid", "The document was read whole and holds errors. It was not put in force.",
            "Correct every place that `errors` lists. `POST /v1/policies/validate` checks without putting in force."),
        new(Problems.IdempotencyMismatch, 422, "The key came with other content", "This Idempotency-Key was used for this call before, with another body.",
            "Use a new key for a new intent; repeat the same body to see the first one's effect."),
        new(Problems.RateLimited, 429, "Too many calls", "The key makes more calls a second than it may, the account has made as many calls with an Idempotency-Key as are remembered, or an address has come too often with a key that is not known.",
            "Wait for the time in `Retry-After`, then try again."),
        new(Problems.TooManyDeclines, 429, "Too many declines", "Too many payments were declined in a short time.", "Wait for the time in `Retry-After`, then try another method."),
        new(Problems.Unavailable, 503, "Not available just now", "The service, its store or the gateway could not do it just now. A payment that failed so reserved nothing.",
            "Wait for the time in `Retry-After`, then send the same request with the same Idempotency-Key."),
        new(InternalError, 500, "Something went wrong here", "The service met a fault of its own. What was done before it is not known to this answer.",
            "Send the same request with the same Idempotency-Key; if it stays so, tell the operator the time and the path."),
        new(Problems.IdTaken, 409, "The id is taken", "Something else has this id.", "Choose another id."),
        new(Problems.InvoiceIssued, 409, "The invoice is issued", "Issued content is fixed.", "Void the invoice and issue another."),
        new(Problems.InvoiceCancelled, 409, "The invoice is cancelled", "It was cancelled and can no longer be paid or changed.", "Issue another invoice."),
        new(Problems.InvoiceNotPayable, 409, "The invoice is not payable", "It is a draft, paid, or void.", "Look at its status; finalize a draft before it is paid."),
        new(Problems.NothingDue, 409, "Nothing is due", "There is nothing to pay, or less than the policy's `minimum`, which goes with the next charge.", "Nothing needs to be done."),
        new(Problems.AmountChanged, 409, "Another amount is to be paid", "What is to be paid is no longer what the customer was shown: something was issued, paid or withdrawn meanwhile. Nothing was charged.",
            "Show the customer what is to be paid now, and pay that."),
        new(Problems.PaymentInFlight, 409, "A payment is under way", "A payment may be moving money for this invoice, or may still use this method.",
            "Wait for the end of the payment that `payment` names (`GET /v1/payments/{payment}`), then look again."),
        new(Problems.PaymentDisputed, 409, "The payment is disputed", "The customer disputes it with the bank.", "Wait for the end of the dispute."),
        new(Problems.MethodNotUsable, 409, "The payment method cannot be used", "There is no such method, or the card network allows no further attempt with it.",
            "Name another method, or send a one-off."),
        new(Problems.RefundsRefused, 409, "Refunds are refused", "The account's policy gives no refunds.", "Ask the operator."),
        new(Problems.ExtensionsRefused, 409, "Extensions are refused", "The account's policy gives no extensions.", "Ask the operator."),
        new(Problems.ResourceDeleted, 409, "The resource is deleted", "It is deleted, or its deletion was ordered.", "Make another."),
        new(Problems.OrderRevoked, 409, "The order is revoked", "The order was taken back before it was acknowledged.", "Undo on your side what was done for it."),
        new(Problems.ClockAdvancing, 409, "The test clock is advancing", "The account lives on a test clock that is on its way. Commands wait until it has arrived.",
            "Wait until `GET /v1/test_clocks/{clock}` says `ready`, then send the command again."),
        new(Problems.TooMany, 409, "The account is full", "The account holds as many of these as it may.", "Remove or settle some, then try again; docs/api.md names the bounds."),
    }.ToFrozenDictionary(kind => kind.Code, StringComparer.Ordinal);

    /// <summary>Every code.</summary>
    public static IEnumerable<ProblemKind> All => Kinds.Values.OrderBy(kind => kind.Status).ThenBy(kind => kind.Code, StringComparer.Ordinal);

    /// <summary>A code's meaning; a code that is missing here is a fault of ours.</summary>
    public static ProblemKind Of(string code) => Kinds.GetValueOrDefault(code) ?? Kinds[InternalError];

    /// <summary>A code's meaning, or none.</summary>
    public static ProblemKind? Find(string code) => Kinds.GetValueOrDefault(code);
}
