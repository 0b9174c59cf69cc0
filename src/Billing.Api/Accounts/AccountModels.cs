namespace Billing.Api.Accounts;

/// <summary>An account to make, or fields of one to change: a field left out is unchanged, <c>null</c> clears it.</summary>
public sealed record AccountRequest
{
    /// <summary>The customer's name, at most 200 characters. Required for a new account.</summary>
    public string? Name { get; init; }

    /// <summary>1 to 20 mail addresses; the first is the owner's. Required for a new account.</summary>
    public IReadOnlyList<string>? Emails { get; init; }

    /// <summary>ISO 4217, three upper-case letters; fixed once anything is owed or credited. Required for a new account.</summary>
    public string? Currency { get; init; }

    /// <summary>The id of the policy that the account follows. Required for a new account.</summary>
    public string? Policy { get; init; }

    /// <summary>An IANA time zone; UTC where none is given.</summary>
    public string? TimeZone { get; init; }

    /// <summary>A BCP 47 locale.</summary>
    public string? Locale { get; init; }

    /// <summary>The test clock on which the account lives, for life. Makes it a test account.</summary>
    public string? TestClock { get; init; }

    /// <summary>Whether it is a test account, for life: test accounts use the sandbox gateway only.</summary>
    public bool? Test { get; init; }

    /// <summary>At most 50 labels that policies may ask for: lower-case letters, digits and underscores.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The tax on invoices, a fraction as a decimal text from <c>"0"</c> to <c>"1"</c>, at most 6 decimals.</summary>
    public string? TaxRate { get; init; }

    /// <summary>At most 50 keys of yours, each at most 40 characters, with values of at most 500.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}

/// <summary>A policy version.</summary>
/// <param name="Id">The policy's id.</param>
/// <param name="Version">Counts its changes, from 1.</param>
public sealed record PolicyRefResponse(string Id, int Version)
{
    internal static PolicyRefResponse Of(PolicyRef policy) => new(policy.Id, policy.Version);
}

/// <summary>A step of standing that comes, if nothing is paid and nothing else happens.</summary>
/// <param name="Standing">The standing.</param>
/// <param name="At">From when it will hold.</param>
public sealed record NextResponse(string Standing, Instant At)
{
    internal static NextResponse? Of(StandingStep? step) => step is null ? null : new(step.Name, step.At);
}

/// <summary>Money held for an account, in minor units of its currency.</summary>
/// <param name="Prepayment">Spent before any method is charged.</param>
/// <param name="Promo">Spent on charges before tax.</param>
public sealed record CreditResponse(long Prepayment, long Promo)
{
    internal static CreditResponse Of(AccountView view) => new(view.Prepayment.MinorUnits, view.Promo.MinorUnits);
}

/// <summary>A dunning episode: from the moment an invoice is unpaid until none is.</summary>
/// <param name="Since">When it began.</param>
/// <param name="Policy">The policy version that holds for its length.</param>
public sealed record EpisodeResponse(Instant Since, PolicyRefResponse Policy);

/// <summary>What an operator switched off for an account.</summary>
/// <param name="EnforcementOff">No step of standing is taken; facts go on counting.</param>
/// <param name="AutoPayOff">Nothing is charged automatically.</param>
public sealed record ControlsResponse(bool EnforcementOff, bool AutoPayOff)
{
    internal static ControlsResponse Of(AccountControls controls) => new(controls.EnforcementOffSince is not null, controls.AutoPayOffSince is not null);
}

/// <summary>A reason other than not paying why operations are denied. Paying does not lift it.</summary>
/// <param name="Category">The hold's category.</param>
/// <param name="Deny">The operations that it denies; <c>*</c> is every one.</param>
/// <param name="Reason">In words.</param>
/// <param name="Since">Since when.</param>
public sealed record HoldResponse(HoldCategory Category, IReadOnlyList<string> Deny, string Reason, Instant Since)
{
    internal static HoldResponse Of(Hold hold) => new(hold.Category, hold.Deny, hold.Reason, hold.Since);
}

/// <summary>More time: until its date nothing gets worse and nothing is cancelled.</summary>
/// <param name="Until">Its date.</param>
/// <param name="Reason">In words.</param>
public sealed record ExtensionResponse(Instant Until, string Reason);

/// <summary>An account at this moment, on its own clock. Amounts are in minor units of its currency.</summary>
public sealed record AccountResponse
{
    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>The customer's name.</summary>
    public required string Name { get; init; }

    /// <summary>Mail addresses; the first is the owner's.</summary>
    public required IReadOnlyList<string> Emails { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>The policy version that counts now: the episode's while one runs, else the one in force.</summary>
    public required PolicyRefResponse Policy { get; init; }

    /// <summary>What takes its place when the episode ends, where another policy was assigned or another version put in force meanwhile. <c>moveEpisode</c> does not wait.</summary>
    public PolicyRefResponse? PolicyPending { get; init; }

    /// <summary>The IANA time zone.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The locale.</summary>
    public string? Locale { get; init; }

    /// <summary>The test clock on which it lives.</summary>
    public string? TestClock { get; init; }

    /// <summary>Whether it is a test account.</summary>
    public bool Test { get; init; }

    /// <summary>Labels.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The tax, a fraction as a decimal text.</summary>
    public string? TaxRate { get; init; }

    /// <summary>The caller's keys and values.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary><c>good</c>, or one of the policy's standings.</summary>
    public required string Standing { get; init; }

    /// <summary>Since when it holds.</summary>
    public required Instant StandingSince { get; init; }

    /// <summary>Counts the recorded facts; given to the gate as <c>min_version</c> it insists on an answer at least as new.</summary>
    public required long StandingVersion { get; init; }

    /// <summary>What the customer sees.</summary>
    public string? Banner { get; init; }

    /// <summary>What is due on all open invoices.</summary>
    public required long AmountDue { get; init; }

    /// <summary>What is unpaid.</summary>
    public required long AmountUnpaid { get; init; }

    /// <summary>Money held for the account.</summary>
    public required CreditResponse Credit { get; init; }

    /// <summary>What happens next if nothing is paid.</summary>
    public NextResponse? Next { get; init; }

    /// <summary>Reasons other than not paying why operations are denied.</summary>
    public required IReadOnlyList<HoldResponse> Holds { get; init; }

    /// <summary>What an operator switched off.</summary>
    public required ControlsResponse Controls { get; init; }

    /// <summary>More time, while it lasts.</summary>
    public ExtensionResponse? Extension { get; init; }

    /// <summary>The dunning episode, while any invoice is unpaid.</summary>
    public EpisodeResponse? Episode { get; init; }

    internal static AccountResponse Of(AccountView view) => new()
    {
        Id = view.Profile.Id,
        Name = view.Profile.Name!,
        Emails = view.Profile.Emails,
        Currency = view.Profile.Currency!.Value.Code,
        Policy = PolicyRefResponse.Of(view.Policy),
        PolicyPending = view.PolicyPending is { } pending ? PolicyRefResponse.Of(pending) : null,
        TimeZone = view.Profile.TimeZone,
        Locale = view.Profile.Locale,
        TestClock = view.Profile.TestClock,
        Test = view.Profile.Test,
        Tags = view.Profile.Tags,
        TaxRate = view.Profile.TaxRate?.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Metadata = view.Profile.Metadata,
        Standing = view.Standing.Name,
        StandingSince = view.Standing.At,
        StandingVersion = view.StandingVersion,
        Banner = view.Banner,
        AmountDue = view.AmountDue.MinorUnits,
        AmountUnpaid = view.AmountUnpaid.MinorUnits,
        Credit = CreditResponse.Of(view),
        Next = NextResponse.Of(view.Next),
        Holds = [.. view.Holds.Select(HoldResponse.Of)],
        Controls = ControlsResponse.Of(view.Controls),
        Extension = view.Extension is { } extension ? new ExtensionResponse(extension.Until, extension.Reason) : null,
        Episode = view.Episode is { } episode ? new EpisodeResponse(episode.Since, PolicyRefResponse.Of(episode.Policy)) : null,
    };
}
