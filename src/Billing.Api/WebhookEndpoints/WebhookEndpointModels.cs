using System.Text.Json.Serialization;
using Billing.Grains.Interfaces.Webhooks;

namespace Billing.Api.WebhookEndpoints;

/// <summary>A subscriber to make, or what is to change: a field left out is unchanged.</summary>
public sealed record WebhookEndpointRequest
{
    /// <summary>Where events are sent, at most 2,048 characters: <c>https</c>, without user, password or fragment, at a public address. Required for a new one.</summary>
    public string? Url { get; init; }

    /// <summary>1 to 50 of: the name of an event, <c>payment.*</c> for all that begin so, <c>*</c> for all. A name that no event has is refused. Required for a new one.</summary>
    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>Whether events are sent. <c>true</c> enables what was disabled, and goes on where it stopped; <c>false</c> keeps them until then.</summary>
    public bool? Enabled { get; init; }
}

/// <summary>From where everything is sent again.</summary>
public sealed record ReplayRequest
{
    /// <summary>Events after this number are sent, whether they were delivered or not: 0 for all. A number past <c>cursor</c> gives up what lies between.</summary>
    public required long After { get; init; }
}

/// <summary>A subscriber.</summary>
/// <param name="Id">The caller's id.</param>
/// <param name="Url">Where events are sent.</param>
/// <param name="Events">Which events.</param>
/// <param name="Enabled">Whether events are sent.</param>
/// <param name="Disabled">Since when and why not; <c>null</c> where they are.</param>
/// <param name="Secret">What signs, as <c>whsec_</c> and base64: told once, by the call that made it, and never again.</param>
/// <param name="Secrets">How many secrets sign: during a rotation the old one too.</param>
/// <param name="Cursor">Every event up to this number that is wanted was delivered.</param>
/// <param name="InFlight">Accounts with an event on its way or waiting for its next attempt, at most 100.</param>
/// <param name="QuietUntil">Until when nothing is sent because the subscriber answered 429; <c>null</c> where it did not.</param>
/// <param name="Failing">Accounts whose event failed, the next attempt first, at most 20.</param>
public sealed record WebhookEndpointResponse(
    string Id, string Url, IReadOnlyList<string> Events, bool Enabled, WebhookDisabledResponse? Disabled,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret,
    int Secrets, long Cursor, int InFlight, Instant? QuietUntil, IReadOnlyList<WebhookFailingResponse> Failing)
{
    private const int MostFailing = 20;

    internal static WebhookEndpointResponse? Of(string id, WebhookState state, Instant now, string? secret = null) => state.Url is null ? null : new WebhookEndpointResponse(
        id, state.Url, state.Events, state.IsEnabled, state.Disabled is { } disabled ? new WebhookDisabledResponse(disabled.At, disabled.Reason) : null,
        secret, state.Secrets.Count(known => known.ExpiresAt is null || known.ExpiresAt > now), state.Cursor, state.Lanes.Length, state.IsQuiet(now) ? state.QuietUntil : null,
        [.. state.Lanes.Where(lane => lane.Failures > 0).OrderBy(lane => lane.At).Take(MostFailing).Select(lane => new WebhookFailingResponse(
            lane.Id.Length == 0 ? null : lane.Id, lane.Delivered, lane.Failures, lane.IsSending || state.Disabled is not null ? null : lane.At))]);
}

/// <summary>Nothing is sent.</summary>
/// <param name="At">Since when.</param>
/// <param name="Reason"><c>operator</c>, <c>gone</c> (it answered 410) or <c>exhausted</c> (an event failed as often as it is tried).</param>
public sealed record WebhookDisabledResponse(Instant At, WebhookDisabledReason Reason);

/// <summary>An account whose event failed.</summary>
/// <param name="Account">The account; <c>null</c> for events of none.</param>
/// <param name="DeliveredTo">Its wanted events up to this number were delivered; the next one is tried.</param>
/// <param name="Failures">How often it failed.</param>
/// <param name="NextAttemptAt">When it is tried next; <c>null</c> while it is, and while the endpoint is disabled.</param>
public sealed record WebhookFailingResponse(string? Account, long DeliveredTo, int Failures, Instant? NextAttemptAt);

/// <summary>An attempt to deliver an event.</summary>
/// <param name="Id">Its place in the delivery log.</param>
/// <param name="WebhookId">The header <c>webhook-id</c>: the same at each attempt.</param>
/// <param name="Seq">The event's number.</param>
/// <param name="Account">Whose event it is; <c>null</c>: of no account.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Attempt">The how manieth of this event, from 1.</param>
/// <param name="Delivered">Whether it was taken: any 2xx.</param>
/// <param name="At">When it was sent.</param>
/// <param name="TookMs">How long it took, in milliseconds.</param>
/// <param name="Status">The status of the answer; <c>null</c> where there was none.</param>
/// <param name="Error">Why there was none: <c>timeout</c>, <c>refused_target</c> (an address that is not called from here), <c>name_unknown</c>, <c>tls_failed</c>, <c>bad_answer</c>, <c>not_reached</c>.</param>
public sealed record WebhookDeliveryResponse(
    long Id, string WebhookId, long Seq, string? Account, string Type, int Attempt, bool Delivered, Instant At, long TookMs, int? Status, string? Error)
{
    internal static WebhookDeliveryResponse Of(DeliveryAttempt attempt) => new(
        attempt.Id, WebhookSignature.IdOf(attempt.Seq), attempt.Seq, attempt.Account, attempt.Type, attempt.Attempt, attempt.Status is >= 200 and <= 299,
        attempt.At, (long)attempt.Took.TotalMilliseconds, attempt.Status, attempt.Error);
}
