using System.Collections.Immutable;
using NodaTime;

namespace Billing.Grains.Interfaces.Webhooks;

/// <summary>Makes one attempt to deliver an event.</summary>
public interface IWebhookSender
{
    /// <summary>Signs and sends, and tells what came of it; a subscriber that cannot be reached is an answer too.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up; nobody knows whether it arrived.</exception>
    Task<WebhookAnswer> SendAsync(WebhookRequest request, CancellationToken cancellationToken);
}

/// <summary>An event on its way.</summary>
/// <param name="Url">Where to.</param>
/// <param name="Id">The event's id, the same at each attempt.</param>
/// <param name="Body">What is said.</param>
/// <param name="Secrets">What signs it.</param>
public sealed record WebhookRequest(string Url, string Id, ReadOnlyMemory<byte> Body, ImmutableArray<WebhookSecret> Secrets);

/// <summary>What came of an attempt.</summary>
/// <param name="Status">The status of the answer; <see langword="null"/> where there was none.</param>
/// <param name="Error">Why there was none, in a word: <c>timeout</c>, <c>refused_target</c>, <c>not_reached</c>.</param>
/// <param name="RetryAfter">How long the subscriber asks to be left alone.</param>
/// <param name="At">When it was sent.</param>
/// <param name="Took">How long it took.</param>
public sealed record WebhookAnswer(int? Status, string? Error, Duration? RetryAfter, Instant At, Duration Took);
