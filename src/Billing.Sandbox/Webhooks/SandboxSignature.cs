using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Billing.Sandbox;

/// <summary>What is found of a signature.</summary>
public enum SandboxSignatureCheck
{
    /// <summary>It is good.</summary>
    Valid,

    /// <summary>A header is missing, or the timestamp is no number.</summary>
    Malformed,

    /// <summary>The timestamp is more than <see cref="SandboxSignature.Tolerance"/> away from now: perhaps a replay.</summary>
    Stale,

    /// <summary>No secret made it.</summary>
    Wrong,
}

/// <summary>
/// The signature of the sandbox's webhook: <c>v1,</c> and the base64 of HMAC-SHA256 over <c>{id}.{timestamp}.{body}</c>, as
/// Standard Webhooks 1.0.0 has it (github.com/standard-webhooks, 2023-12). A secret that begins with <c>whsec_</c> is the
/// base64 of its key; any other is its key in UTF-8.
/// </summary>
public static class SandboxSignature
{
    /// <summary>The header of the event's id.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The header of the time of sending, in seconds since 1970.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The header of the signatures, apart by spaces.</summary>
    public const string SignatureHeader = "webhook-signature";

    private const string Version = "v1,";
    private const string Base64Prefix = "whsec_";

    /// <summary>How far the time of sending may be from now, in real time.</summary>
    public static TimeSpan Tolerance { get; } = TimeSpan.FromSeconds(300);

    /// <summary>Signs one sending of an event.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="id">The event's id.</param>
    /// <param name="timestamp">Seconds since 1970.</param>
    /// <param name="body">The raw body.</param>
    public static string Sign(string secret, string id, long timestamp, ReadOnlySpan<byte> body) =>
        Version + Convert.ToBase64String(Mac(secret, id, timestamp.ToString(CultureInfo.InvariantCulture), body));

    /// <summary>
    /// Checks the headers of a delivery against the raw body. Any of several secrets may have made any of several
    /// signatures, so that a secret can be rotated; each is compared in constant time.
    /// </summary>
    public static SandboxSignatureCheck Verify(
        string? id, string? timestamp, string? signatures, ReadOnlySpan<byte> body, IEnumerable<string> secrets, TimeProvider time)
    {
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(timestamp) || string.IsNullOrEmpty(signatures)) return SandboxSignatureCheck.Malformed;
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var sentAt)) return SandboxSignatureCheck.Malformed;
        if (Math.Abs((decimal)time.GetUtcNow().ToUnixTimeSeconds() - sentAt) > (decimal)Tolerance.TotalSeconds) return SandboxSignatureCheck.Stale;

        var given = signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Where(signature => signature.StartsWith(Version, StringComparison.Ordinal))
            .Select(signature => Encoding.UTF8.GetBytes(signature[Version.Length..]))
            .ToArray();
        var valid = false;
        foreach (var secret in secrets)
        {
            var expected = Encoding.UTF8.GetBytes(Convert.ToBase64String(Mac(secret, id, timestamp, body)));
            foreach (var signature in given) valid |= CryptographicOperations.FixedTimeEquals(signature, expected);
        }

        return valid ? SandboxSignatureCheck.Valid : SandboxSignatureCheck.Wrong;
    }

    private static byte[] Mac(string secret, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        var key = secret.StartsWith(Base64Prefix, StringComparison.Ordinal)
            ? Convert.FromBase64String(secret[Base64Prefix.Length..])
            : Encoding.UTF8.GetBytes(secret);
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        mac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        mac.AppendData(body);
        return mac.GetHashAndReset();
    }
}
