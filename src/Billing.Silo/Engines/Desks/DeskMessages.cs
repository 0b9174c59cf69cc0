#if ORLEANS
using System.Collections.Immutable;
using Billing.Domain;
using Billing.Grains.Interfaces;
using NodaTime;

namespace Billing.Silo.Desks;

/// <summary>
/// A question for the gate of an account. A desk's messages are asked at every purchase and never stored, so they have the engine's
/// own form, which costs less than JSON. Instants are ticks of 100 ns since 1970, UTC.
/// </summary>
[GenerateSerializer]
[Immutable]
[Alias("billing.desk_question")]
public readonly record struct DeskQuestion
{
    [Id(0)] public required string Account { get; init; }
    [Id(1)] public required string Operation { get; init; }
    [Id(2)] public string? Context { get; init; }
    [Id(3)] public required long At { get; init; }
    [Id(4)] public long MinVersion { get; init; }

    public static DeskQuestion Of(string account, GateCall call) => new()
    {
        Account = account,
        Operation = call.Question.Operation,
        Context = call.Question.Context,
        At = call.At.ToUnixTimeTicks(),
        MinVersion = call.MinVersion,
    };

    public GateCall Read() => new(new GateQuestion(Operation, Context), Instant.FromUnixTimeTicks(At), MinVersion);
}

/// <summary>A <see cref="GateAnswer"/>, on its way. Amounts are minor units of its currency, instants ticks of 100 ns since 1970, UTC.</summary>
[GenerateSerializer]
[Immutable]
[SuppressReferenceTracking]
[Alias("billing.desk_answer")]
public sealed record DeskAnswer
{
    [Id(0)] public required bool Allowed { get; init; }
    [Id(1)] public required string Operation { get; init; }
    [Id(2)] public required string Account { get; init; }
    [Id(3)] public required string Standing { get; init; }
    [Id(4)] public required long StandingSince { get; init; }
    [Id(5)] public required long StandingVersion { get; init; }
    [Id(6)] public string? Code { get; init; }
    [Id(7)] public string? Message { get; init; }
    [Id(8)] public string? ContextMessage { get; init; }
    [Id(9)] public ImmutableArray<DeskBlocker> Blockers { get; init; }
    [Id(10)] public required long AmountUnpaid { get; init; }
    [Id(11)] public required long AmountToClear { get; init; }
    [Id(12)] public required string Currency { get; init; }
    [Id(13)] public string? Next { get; init; }
    [Id(14)] public long NextAt { get; init; }
    [Id(15)] public string? Banner { get; init; }
    [Id(16)] public bool Redirect { get; init; }
    [Id(17)] public required string Policy { get; init; }
    [Id(18)] public required int PolicyVersion { get; init; }
    [Id(19)] public required long DecidedAt { get; init; }

    public static DeskAnswer Of(GateAnswer answer) => new()
    {
        Allowed = answer.Allowed,
        Operation = answer.Operation,
        Account = answer.Account,
        Standing = answer.Standing,
        StandingSince = answer.StandingSince.ToUnixTimeTicks(),
        StandingVersion = answer.StandingVersion,
        Code = answer.Code,
        Message = answer.Message,
        ContextMessage = answer.ContextMessage,
        Blockers = [.. answer.Blockers.Select(blocker => new DeskBlocker(
            blocker.Category, blocker.Reason, [.. blocker.Invoices.Select(invoice => new DeskInvoice(invoice.Id, invoice.Number, invoice.AmountDue.MinorUnits))]))],
        AmountUnpaid = answer.AmountUnpaid.MinorUnits,
        AmountToClear = answer.AmountToClear.MinorUnits,
        Currency = answer.AmountUnpaid.Currency.Code,
        Next = answer.Next?.Name,
        NextAt = answer.Next?.At.ToUnixTimeTicks() ?? 0,
        Banner = answer.Banner,
        Redirect = answer.Redirect,
        Policy = answer.Policy.Id,
        PolicyVersion = answer.Policy.Version,
        DecidedAt = answer.DecidedAt.ToUnixTimeTicks(),
    };

    public GateAnswer Read()
    {
        // An account has one currency.
        var currency = Domain.Currency.Parse(Currency);
        return new GateAnswer
        {
            Allowed = Allowed,
            Operation = Operation,
            Account = Account,
            Standing = Standing,
            StandingSince = Instant.FromUnixTimeTicks(StandingSince),
            StandingVersion = StandingVersion,
            Code = Code,
            Message = Message,
            ContextMessage = ContextMessage,
            Blockers = [.. Blockers.Select(blocker => new Blocker(
                blocker.Category, [.. blocker.Invoices.Select(invoice => new BlockingInvoice(invoice.Id, invoice.Number, new Money(invoice.AmountDue, currency)))], blocker.Reason))],
            AmountUnpaid = new Money(AmountUnpaid, currency),
            AmountToClear = new Money(AmountToClear, currency),
            Next = Next is { } next ? new StandingStep(next, Instant.FromUnixTimeTicks(NextAt)) : null,
            Banner = Banner,
            Redirect = Redirect,
            Policy = new PolicyRef(Policy, PolicyVersion),
            DecidedAt = Instant.FromUnixTimeTicks(DecidedAt),
        };
    }
}

/// <summary>A <see cref="Blocker"/>.</summary>
[GenerateSerializer]
[Immutable]
[SuppressReferenceTracking]
[Alias("billing.desk_blocker")]
public sealed record DeskBlocker([property: Id(0)] string Category, [property: Id(1)] string Reason, [property: Id(2)] ImmutableArray<DeskInvoice> Invoices);

/// <summary>A <see cref="BlockingInvoice"/>.</summary>
[GenerateSerializer]
[Immutable]
[SuppressReferenceTracking]
[Alias("billing.desk_invoice")]
public sealed record DeskInvoice([property: Id(0)] string Id, [property: Id(1)] string Number, [property: Id(2)] long AmountDue);
#endif
