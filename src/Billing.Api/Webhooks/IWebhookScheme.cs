using System.Collections.Immutable;

namespace Billing.Api.Webhooks;

/// <summary>What a gateway's webhooks look like: how they are signed, and what they say.</summary>
internal interface IWebhookScheme
{
    /// <summary>The last part of the door's path.</summary>
    string Name { get; }

    /// <summary>What it is called in the OpenAPI document: operation, summary, and how it is signed.</summary>
    (string Operation, string Summary, string Signature) Described { get; }

    /// <summary>Whether the configuration has secrets for it; without any there is no such door.</summary>
    bool IsOpen { get; }

    /// <summary>Checks the signature on the raw body, in constant time. Nothing of the body is read before.</summary>
    SignatureCheck Verify(IHeaderDictionary headers, ReadOnlySpan<byte> body, TimeProvider time);

    /// <summary>Reads what a body with a good signature says.</summary>
    WebhookReading Read(IHeaderDictionary headers, ReadOnlySpan<byte> body, TimeProvider time);
}

/// <summary>What is found of a signature.</summary>
internal enum SignatureCheck
{
    /// <summary>It is good.</summary>
    Valid,

    /// <summary>A header is missing or not well formed.</summary>
    Malformed,

    /// <summary>It was made more than <see cref="Signatures.Tolerance"/> from now: perhaps a replay.</summary>
    Stale,

    /// <summary>No secret made it.</summary>
    Wrong,
}

/// <summary>What a body says: events, none where it is about nothing of ours, or why it will never be right.</summary>
/// <param name="Events">What to take.</param>
/// <param name="Refusal">Why it is no event.</param>
internal sealed record WebhookReading(ImmutableArray<GatewayEvent> Events, Problem? Refusal = null)
{
    /// <summary>It is an event, and about nothing of ours.</summary>
    public static readonly WebhookReading Nothing = new([]);

    /// <summary>One event.</summary>
    public static WebhookReading Of(GatewayEvent told) => new([told]);

    /// <summary>It will never be right.</summary>
    public static WebhookReading Refused(Problem why) => new([], why);
}
