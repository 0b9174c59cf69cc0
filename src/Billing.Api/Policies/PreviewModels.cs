using System.Text.Json;
using Billing.Api.Foresight;

namespace Billing.Api.Policies;

/// <summary>A policy to look at, and on which accounts. Either <c>accounts</c> or <c>policy_id</c>.</summary>
public sealed record PreviewRequest
{
    /// <summary>The policy's document, as it would be uploaded.</summary>
    public required JsonElement Policy { get; init; }

    /// <summary>1 to 1000 accounts by id.</summary>
    public IReadOnlyList<string>? Accounts { get; init; }

    /// <summary>All accounts that follow this policy.</summary>
    public string? PolicyId { get; init; }

    /// <summary>With <c>policy_id</c>: at most so many accounts, 1 to 1000; 50 where nothing is said.</summary>
    public int? Limit { get; init; }

    /// <summary>With <c>policy_id</c>: the cursor <c>next</c> of the page before.</summary>
    public string? After { get; init; }
}

/// <summary>An account under the policy.</summary>
/// <param name="Account">The account.</param>
/// <param name="Standing">How it stands.</param>
/// <param name="WouldBe">How it would stand, at once.</param>
/// <param name="Changes">Whether these differ.</param>
/// <param name="Next">The first five steps of what would follow if nothing is paid: standings, cancellations, orders to resources.</param>
/// <param name="Refusal">Why it could not be given the policy; <c>null</c> where it can.</param>
public sealed record PreviewAccountResponse(string Account, string Standing, string WouldBe, bool Changes, IReadOnlyList<ForecastEntryResponse> Next, string? Refusal);

/// <summary>The accounts of this page counted.</summary>
/// <param name="Accounts">How many there are.</param>
/// <param name="ChangeNow">How many would change standing at once.</param>
/// <param name="Refused">How many could not be given the policy; they are counted in no standing.</param>
/// <param name="ByStanding">How many would be in each standing.</param>
public sealed record PreviewSummaryResponse(int Accounts, int ChangeNow, int Refused, IReadOnlyDictionary<string, int> ByStanding);

/// <summary>What a policy would make of accounts.</summary>
/// <param name="Data">The accounts.</param>
/// <param name="Next">The cursor of the next page, given as <c>after</c>; <c>null</c> where this is the last.</param>
/// <param name="Summary">This page counted.</param>
public sealed record PreviewResponse(IReadOnlyList<PreviewAccountResponse> Data, string? Next, PreviewSummaryResponse Summary)
{
    internal static PreviewResponse Of(IReadOnlyList<PolicyPreview> previews, string? next, PolicySources sources) => new(
        [.. previews.Select(item => new PreviewAccountResponse(item.Account, item.Standing, item.WouldBe, item.Changes, [.. item.Next.Select(entry => ForecastEntryResponse.Of(entry, sources))], item.Refusal))],
        next,
        new PreviewSummaryResponse(
            previews.Count, previews.Count(item => item.Changes), previews.Count(item => item.Refusal is not null),
            new SortedDictionary<string, int>(previews.Where(item => item.Refusal is null).GroupBy(item => item.WouldBe, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal), StringComparer.Ordinal)));
}
