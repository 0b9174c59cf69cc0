using System.Collections.Immutable;
using System.Globalization;
using NodaTime;

namespace Billing.Domain;

/// <summary>"May this account do this now?"</summary>
/// <param name="Operation">A dotted name.</param>
/// <param name="Context">The caller's context, for a longer message of the policy.</param>
public sealed record GateQuestion(string Operation, string? Context = null);

/// <summary>Everything that a caller needs to act.</summary>
public sealed record GateAnswer
{
    /// <summary>Whether the account may.</summary>
    public required bool Allowed { get; init; }

    /// <summary>What was asked.</summary>
    public required string Operation { get; init; }

    /// <summary>Who asked.</summary>
    public required string Account { get; init; }

    /// <summary>The standing at the moment of asking.</summary>
    public required string Standing { get; init; }

    /// <summary>Since when it holds.</summary>
    public required Instant StandingSince { get; init; }

    /// <summary>The recorded facts counted; a caller that has paid asks with it as <c>min_version</c>.</summary>
    public required long StandingVersion { get; init; }

    /// <summary>The problem code of a denial.</summary>
    public string? Code { get; init; }

    /// <summary>The message of a denial.</summary>
    public string? Message { get; init; }

    /// <summary>The policy's text for the caller's context, verbatim.</summary>
    public string? ContextMessage { get; init; }

    /// <summary>What stands in the way.</summary>
    public ImmutableArray<Blocker> Blockers { get => field.OrEmpty(); init; }

    /// <summary>What is unpaid.</summary>
    public required Money AmountUnpaid { get; init; }

    /// <summary>Paying exactly the blockers' invoices lifts what nonpayment denies; nothing where that denies nothing.</summary>
    public required Money AmountToClear { get; init; }

    /// <summary>What happens next if nothing is paid.</summary>
    public StandingStep? Next { get; init; }

    /// <summary>What the customer sees.</summary>
    public string? Banner { get; init; }

    /// <summary>Whether the login is led to the payment page.</summary>
    public bool Redirect { get; init; }

    /// <summary>The policy version that decided.</summary>
    public required PolicyRef Policy { get; init; }

    /// <summary>When it was decided.</summary>
    public required Instant DecidedAt { get; init; }
}

/// <summary>A reason for a denial.</summary>
/// <param name="Category">The hold's category; <c>nonpayment</c> is lifted by paying; <c>subscription_required</c>.</param>
/// <param name="Invoices">For nonpayment, the invoices on which the denying condition rests, oldest first.</param>
/// <param name="Reason">In words.</param>
public sealed record Blocker(string Category, ImmutableArray<BlockingInvoice> Invoices, string Reason);

/// <summary>An invoice that has to be paid.</summary>
public sealed record BlockingInvoice(string Id, string Number, Money AmountDue);

/// <summary>Answers the gate from facts, policy and now, at the moment of asking.</summary>
public static class Gate
{
    /// <summary>Decides. Right even while a wake-up is late, since the standing is evaluated at <paramref name="now"/>.</summary>
    public static GateAnswer Decide(AccountState account, PolicyBook policies, GateQuestion question, Instant now) => Decide(new GateView(account, policies), question, now);

    /// <summary>Decides from a view that may have been asked before.</summary>
    public static GateAnswer Decide(GateView view, GateQuestion question, Instant now)
    {
        var (account, policies) = (view.Account, view.Policies);
        var (reached, version, policy, rule) = view.At(now);
        var denials = Denials.Of(reached, policies, policy, rule, question.Operation, now);
        var first = denials.IsEmpty ? null : denials[0];
        return new GateAnswer
        {
            Allowed = first is null,
            Operation = question.Operation,
            Account = account.Existing.Id,
            Standing = reached.StandingName,
            StandingSince = reached.Standing!.Since,
            StandingVersion = account.Version,
            Code = first?.Code,
            Message = first?.Message,
            // The policy's texts speak of what is owed; for a hold that comes first they would be wrong.
            ContextMessage = first is { Blocker.Category: Denials.Nonpayment } && question.Context is { } context ? policy.MessageContexts.GetValueOrDefault(context) : null,
            Blockers = first is null ? [] : [.. denials.Select(denial => denial.Blocker)],
            AmountUnpaid = reached.Invoices.IsEmpty ? view.Nothing : Unpaid(reached).Sum(account.Currency, invoice => invoice.Due),
            AmountToClear = first is null ? view.Nothing : denials.SelectMany(denial => denial.Blocker.Invoices).Sum(account.Currency, invoice => invoice.AmountDue),
            Next = StandingRecorder.Forecast(reached, policies, now),
            Banner = Banner(reached, rule),
            Redirect = rule is { LoginRedirect: true } && string.Equals(question.Operation, Operations.Login, StringComparison.Ordinal),
            Policy = version,
            DecidedAt = now,
        };
    }

    /// <summary>The banner of the present standing, filled in; <see langword="null"/> where there is none to show.</summary>
    public static string? Banner(AccountState reached, StandingRule? rule)
    {
        if (rule?.Banner is not { } banner) return null;
        var unpaid = Unpaid(reached).ToImmutableArray();
        if (unpaid.IsEmpty) return banner;
        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(reached.Existing.TimeZone ?? "UTC") ?? DateTimeZone.Utc;
        var due = unpaid.Min(invoice => invoice.DueAt).InZone(zone).Date.ToString("uuuu'-'MM'-'dd", CultureInfo.InvariantCulture);
        return banner.Replace("{due_date}", due, StringComparison.Ordinal)
            .Replace("{amount_due}", unpaid.Sum(reached.Currency, invoice => invoice.Due).ToString(), StringComparison.Ordinal);
    }

    /// <summary>The unpaid invoices of an account whose facts are on record up to now. What is written off is none.</summary>
    public static IEnumerable<OpenInvoice> Unpaid(AccountState reached) => reached.Invoices.Where(invoice => invoice is { UnpaidSince: not null, IsWrittenOff: false });
}
