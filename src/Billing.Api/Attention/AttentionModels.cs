using System.Text.Json;
using Billing.Grains.Interfaces.Index;

namespace Billing.Api.Attention;

/// <summary>Something that needs a human.</summary>
/// <param name="Id">Its id, to resolve it: <c>{account|payment|brake|inbox|pull|webhook_endpoint}!{its id}!{entry}</c>.</param>
/// <param name="Account">The account that it concerns.</param>
/// <param name="Kind">What kind of thing it is: <c>unknown_payment</c>, …</param>
/// <param name="Subject">The invoice, payment or resource that it is about.</param>
/// <param name="What">What happened.</param>
/// <param name="Do">What to do about it.</param>
/// <param name="Since">Since when.</param>
public sealed record AttentionResponse(string Id, string? Account, string Kind, string? Subject, string What, string Do, Instant? Since)
{
    /// <summary>The entries of the installation's brake on deletions.</summary>
    internal static IEnumerable<AttentionResponse> Of(BrakeState brake) => brake.Attention.Select(entry => new AttentionResponse(
        new AttentionId(AttentionId.OfBrake, GrainKeys.Id(GrainKeys.DeletionBrake), entry.Id).ToString(), Account: null, entry.Kind, entry.Subject, entry.What, entry.Do, entry.Since));

    /// <summary>The entries in the summary of a grain.</summary>
    internal static IEnumerable<AttentionResponse> Of(IndexEntry entry)
    {
        if (entry.Summary.ValueKind != JsonValueKind.Object || !entry.Summary.TryGetProperty("attention", out var list) || list.ValueKind != JsonValueKind.Array) yield break;
        var owner = GrainKeys.Id(entry.Key);
        var account = entry.Kind == AttentionId.OfAccount ? owner : entry.Summary.Text("account");
        foreach (var item in list.EnumerateArray())
        {
            yield return new AttentionResponse(
                new AttentionId(entry.Kind, owner, item.Text("id") ?? "").ToString(), account, item.Text("kind") ?? "", item.Text("subject"), item.Text("what") ?? "", item.Text("do") ?? "", item.Instant("since"));
        }
    }
}

/// <summary>
/// Where an entry lives: its grain's kind and id, and its own name there. The separator is in no id, whether a caller's or
/// derived, and needs no escape in a path.
/// </summary>
internal readonly record struct AttentionId(string Kind, string Owner, string Entry)
{
    public const string OfAccount = "account";
    public const string OfPayment = "payment";
    public const string OfBrake = "brake";
    public const string OfInbox = "inbox";
    public const string OfPull = "pull";
    public const string OfWebhookEndpoint = "webhook_endpoint";

    private const char Separator = '!';

    /// <summary>Reads an id; none where nothing can have it.</summary>
    public static AttentionId? Parse(string text) =>
        text.Split(Separator, 3) is [OfAccount or OfPayment or OfBrake or OfInbox or OfPull or OfWebhookEndpoint, var owner, { Length: > 0 } entry] parts && PathIds.CanExist(owner) ? new AttentionId(parts[0], owner, entry) : null;

    /// <inheritdoc />
    public override string ToString() => $"{Kind}{Separator}{Owner}{Separator}{Entry}";
}
