using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// The signature of what is sent: <c>v1,</c> and the base64 of HMAC-SHA256 over <c>{id}.{timestamp}.{body}</c> (Standard
/// Webhooks 1.0.0, github.com/standard-webhooks, 2023-12). While a key is being replaced both sign, apart by a space.
/// </summary>
public static class WebhookSignature
{
    /// <summary>The header of the event's id: the same at each attempt.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The header of the time of sending, in seconds since 1970.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The header of the signatures.</summary>
    public const string SignatureHeader = "webhook-signature";

    private const string Prefix = "whsec_";

    /// <summary>A key of so many random bytes, in the form in which a subscriber is told it.</summary>
    public static string KeyOf(ReadOnlySpan<byte> random) => Prefix + Convert.ToBase64String(random);

    /// <summary>The id of an event: made of its number alone, so that each attempt and each replay has the same.</summary>
    public static string IdOf(long seq) => string.Create(CultureInfo.InvariantCulture, $"evt_{seq}");

    /// <summary>Signs with every key that is good at an instant, the newest first.</summary>
    public static string Sign(IEnumerable<WebhookSecret> secrets, string id, Instant at, ReadOnlyMemory<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}."));
        return string.Join(' ', secrets.Reverse().Where(secret => secret.ExpiresAt is null || secret.ExpiresAt > at).Select(secret => "v1," + Mac(secret, head, body.Span)));
    }

    private static string Mac(WebhookSecret secret, byte[] head, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Convert.FromBase64String(secret.Key[Prefix.Length..]));
        mac.AppendData(head);
        mac.AppendData(body);
        return Convert.ToBase64String(mac.GetHashAndReset());
    }
}
