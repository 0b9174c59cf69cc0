using System.Text.Json.Serialization;
using Billing.Api.Accounts;

namespace Billing.Api.Gate;

/// <summary>Questions for the gate.</summary>
public sealed record GateCheckRequest
{
    /// <summary>1 to 1000 questions.</summary>
    public required IReadOnlyList<GateQuestionRequest> Checks { get; init; }
}

/// <summary>A question for the gate.</summary>
public sealed record GateQuestionRequest
{
    /// <summary>The account.</summary>
    public required string Account { get; init; }

    /// <summary>What it would do: a dotted name such as <c>purchase</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>For a longer message of the policy.</summary>
    public string? Context { get; init; }

    /// <summary>The answer has to know of at least so many recorded facts.</summary>
    public long? MinVersion { get; init; }
}

/// <summary>An invoice that has to be paid.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Its number.</param>
/// <param name="AmountDue">What is due on it, in minor units.</param>
public sealed record BlockingInvoiceResponse(string Id, string Number, long AmountDue);

/// <summary>A reason for a denial.</summary>
/// <param name="Category">The hold's category; <c>nonpayment</c> is lifted by paying.</param>
/// <param name="Invoices">The invoices on which it rests, oldest first.</param>
/// <param name="Reason">In words.</param>
public sealed record BlockerResponse(string Category, IReadOnlyList<BlockingInvoiceResponse> Invoices, string Reason);

/// <summary>An item of a batch.</summary>
[JsonDerivedType(typeof(GateResponse))]
[JsonDerivedType(typeof(GateFailureResponse))]
public abstract record GateItem;

/// <summary>May this account do this now? Decided at the moment of asking. Amounts are in minor units of the currency.</summary>
public sealed record GateResponse : GateItem
{
    /// <summary>Whether it may.</summary>
    public required bool Allowed { get; init; }

    /// <summary>What was asked.</summary>
    public required string Operation { get; init; }

    /// <summary>Who would do it.</summary>
    public required string Account { get; init; }

    /// <summary>The standing.</summary>
    public required string Standing { get; init; }

    /// <summary>Since when it holds.</summary>
    public required Instant StandingSince { get; init; }

    /// <summary>The recorded facts counted.</summary>
    public required long StandingVersion { get; init; }

    /// <summary>The problem code of a denial.</summary>
    public string? Code { get; init; }

    /// <summary>The message of a denial.</summary>
    public string? Message { get; init; }

    /// <summary>The policy's longer message for the context that was asked with.</summary>
    public string? ContextMessage { get; init; }

    /// <summary>What stands in the way.</summary>
    public required IReadOnlyList<BlockerResponse> Blockers { get; init; }

    /// <summary>What is unpaid.</summary>
    public required long AmountUnpaid { get; init; }

    /// <summary>Paying exactly the blockers' invoices, this much, lifts the denial.</summary>
    public required long AmountToClear { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>What happens next if nothing is paid.</summary>
    public NextResponse? Next { get; init; }

    /// <summary>What the customer sees.</summary>
    public string? Banner { get; init; }

    /// <summary>Where a login is led, instead of being denied: your page to pay at, <c>Billing:Mail:PayUrl</c>, else <c>/pay/{account}</c> on your own site. Never a pay link; you make one with <c>makePayLink</c>.</summary>
    public string? Redirect { get; init; }

    /// <summary>The policy version that decided.</summary>
    public required PolicyRefResponse Policy { get; init; }

    /// <summary>When it was decided, on the account's clock.</summary>
    public required Instant DecidedAt { get; init; }

    internal static GateResponse Of(GateAnswer answer, PaymentPage page) => new()
    {
        Allowed = answer.Allowed,
        Operation = answer.Operation,
        Account = answer.Account,
        Standing = answer.Standing,
        StandingSince = answer.StandingSince,
        StandingVersion = answer.StandingVersion,
        Code = answer.Code,
        Message = answer.Message,
        ContextMessage = answer.ContextMessage,
        Blockers = answer.Blockers.IsEmpty ? [] : Blocking(answer),
        AmountUnpaid = answer.AmountUnpaid.MinorUnits,
        AmountToClear = answer.AmountToClear.MinorUnits,
        Currency = answer.AmountUnpaid.Currency.Code,
        Next = NextResponse.Of(answer.Next),
        Banner = answer.Banner,
        Redirect = answer.Redirect ? page.Of(answer.Account) : null,
        Policy = PolicyRefResponse.Of(answer.Policy),
        DecidedAt = answer.DecidedAt,
    };

    private static BlockerResponse[] Blocking(GateAnswer answer) =>
    [
        .. answer.Blockers.Select(blocker => new BlockerResponse(
            blocker.Category, [.. blocker.Invoices.Select(invoice => new BlockingInvoiceResponse(invoice.Id, invoice.Number, invoice.AmountDue.MinorUnits))], blocker.Reason)),
    ];
}

/// <summary>A question of a batch that has no answer, in its place.</summary>
/// <param name="Account">Who would do it.</param>
/// <param name="Operation">What was asked.</param>
/// <param name="Error">Why there is none.</param>
public sealed record GateFailureResponse(string Account, string Operation, GateErrorResponse Error) : GateItem;

/// <summary>Why a question has no answer.</summary>
/// <param name="Code">The problem code.</param>
/// <param name="Detail">For a person.</param>
public sealed record GateErrorResponse(string Code, string Detail);

/// <summary>Answers in the order of the questions.</summary>
/// <param name="Data">For each question the gate's answer, or why there is none.</param>
public sealed record GateBatchResponse(IReadOnlyList<GateItem> Data);
