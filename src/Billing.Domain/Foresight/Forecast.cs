using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>The dated future of an account if nothing is paid: every planned attempt fails, and renewals come as scheduled.</summary>
/// <param name="From">The instant that it is told from.</param>
/// <param name="Until">Up to when it is told.</param>
/// <param name="IsTruncated">Whether it ends there because it has <see cref="MostEntries"/> already, and not because it looks no further ahead.</param>
/// <param name="Entries">What will happen, in order.</param>
public sealed record Forecast(Instant From, Instant Until, bool IsTruncated, ImmutableArray<ForecastEntry> Entries)
{
    /// <summary>A year and the month after it: what a yearly renewal leads to is still seen.</summary>
    public static readonly Duration Horizon = Duration.FromDays(400);

    /// <summary>The most entries; a year of an ordinary account has fewer.</summary>
    public const int MostEntries = 400;

    /// <summary>What will happen, in order.</summary>
    public ImmutableArray<ForecastEntry> Entries { get => field.OrEmpty(); init; } = Entries;

    /// <summary>The future of an account from an instant; <see langword="null"/> where it does not exist.</summary>
    public static Forecast? Of(AccountState account, PolicyBook policies, Instant now)
    {
        if (account.Profile is null) return null;
        var until = now + Horizon;
        var reached = StandingRecorder.At(account, policies, now);
        ImmutableArray<ForecastEntry> entries = [.. new ForecastWalk(reached, policies, now).Entries(until).Take(MostEntries + 1)];
        if (entries.Length <= MostEntries) return new Forecast(now, until, IsTruncated: false, entries);
        entries = entries.RemoveAt(MostEntries);
        return new Forecast(now, entries[^1].At, IsTruncated: true, entries);
    }
}

/// <summary>Something that will happen. Its kind is the type of the event that will be recorded; which of the other fields it has depends on that.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">What: <c>standing.changed</c>, <c>invoice.unpaid</c>, <c>rung.ended</c>, …; <c>extension.ended</c>, of which there is no event.</param>
public sealed record ForecastEntry(Instant At, string Kind)
{
    /// <summary>The rule from which it follows; none where it follows from no policy.</summary>
    public RuleRef? Rule { get; init; }

    /// <summary>The standing that is entered, or whose entry orders something.</summary>
    public string? Standing { get; init; }

    /// <summary>The standing before it.</summary>
    public string? Before { get; init; }

    /// <summary>The invoice.</summary>
    public string? Invoice { get; init; }

    /// <summary>The rung that is attempted.</summary>
    public int? Rung { get; init; }

    /// <summary>How the rung ends: <c>failed</c>, or <c>skipped</c> where no method may be used.</summary>
    public string? Result { get; init; }

    /// <summary>The amount, of what is due, invoiced or expires.</summary>
    public Money? Amount { get; init; }

    /// <summary>The subscription.</summary>
    public string? Subscription { get; init; }

    /// <summary>The resource.</summary>
    public string? Resource { get; init; }

    /// <summary>What the resource is told: <c>stop</c>, <c>delete</c>, <c>start</c>.</summary>
    public string? Action { get; init; }

    /// <summary>The notice that is sent, and delivered at once.</summary>
    public string? Notice { get; init; }

    /// <summary>The credit that expires.</summary>
    public string? Credit { get; init; }
}

/// <summary>A rule of a policy version.</summary>
/// <param name="Policy">The version.</param>
/// <param name="Path">Where in its document, as a JSON Pointer (RFC 6901): <c>/standings/1/when</c>.</param>
public sealed record RuleRef(PolicyRef Policy, string Path);
