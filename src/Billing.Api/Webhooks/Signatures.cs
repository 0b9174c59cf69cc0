using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Billing.Api.Webhooks;

/// <summary>What the schemes have in common: HMAC-SHA256 over some text and the raw body, compared in constant time, not older than five minutes.</summary>
internal static class Signatures
{
    private const int Bytes = 32;

    /// <summary>How far the time of signing may be from now, in real time: Stripe's default (its documentation, 2026-03), and Standard Webhooks' too.</summary>
    public static TimeSpan Tolerance { get; } = TimeSpan.FromSeconds(300);

    /// <summary>Whether any of several secrets made any of several signatures, so that a secret can be rotated.</summary>
    /// <param name="secrets">The keys.</param>
    /// <param name="before">What is signed before the body.</param>
    /// <param name="body">The raw body.</param>
    /// <param name="given">The signatures, decoded; one that is none is <see langword="null"/>.</param>
    public static SignatureCheck Check(IEnumerable<byte[]> secrets, string before, ReadOnlySpan<byte> body, IReadOnlyCollection<byte[]?> given)
    {
        var valid = false;
        foreach (var secret in secrets)
        {
            var expected = Mac(secret, before, body);
            foreach (var signature in given) valid |= signature is not null && CryptographicOperations.FixedTimeEquals(signature, expected);
        }

        return valid ? SignatureCheck.Valid : SignatureCheck.Wrong;
    }

    /// <summary>The signature of a body.</summary>
    public static byte[] Mac(byte[] secret, string before, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        mac.AppendData(Encoding.UTF8.GetBytes(before));
        mac.AppendData(body);
        return mac.GetHashAndReset();
    }

    /// <summary>Whether a time of signing in seconds since 1970 is near enough; <see langword="null"/> where it is no number.</summary>
    public static bool? IsFresh(string seconds, TimeProvider time) =>
        long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var signedAt)
            ? Math.Abs((decimal)time.GetUtcNow().ToUnixTimeSeconds() - signedAt) <= (decimal)Tolerance.TotalSeconds
            : null;

    /// <summary>A signature in hex; <see langword="null"/> where it is none.</summary>
    public static byte[]? FromHex(string text)
    {
        var bytes = new byte[Bytes];
        return text.Length == 2 * Bytes && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? bytes : null;
    }

    /// <summary>A signature in base64; <see langword="null"/> where it is none.</summary>
    public static byte[]? FromBase64(string text)
    {
        var bytes = new byte[Bytes + 16];
        return Convert.TryFromBase64String(text, bytes, out var length) && length == Bytes ? bytes[..Bytes] : null;
    }

    /// <summary>The fields of a header such as <c>t=1,v1=a,v1=b</c>, in order.</summary>
    public static IEnumerable<(string Name, string Value)> Fields(string header, char separator) =>
        from part in header.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        let at = part.IndexOf('=', StringComparison.Ordinal)
        where at > 0
        select (part[..at], part[(at + 1)..]);

    /// <summary>The check of a header that has a time of signing and signatures in hex, as Stripe and Paddle have it.</summary>
    public static SignatureCheck CheckFields(string header, char separator, string timeField, string signatureField, char joint, IEnumerable<byte[]> secrets, ReadOnlySpan<byte> body, TimeProvider time)
    {
        var fields = Fields(header, separator).ToArray();
        var signedAt = fields.FirstOrDefault(field => field.Name == timeField).Value;
        var given = fields.Where(field => field.Name == signatureField).Select(field => FromHex(field.Value)).ToArray();
        if (signedAt is null || given.Length == 0 || IsFresh(signedAt, time) is not { } fresh) return SignatureCheck.Malformed;
        return fresh ? Check(secrets, signedAt + joint, body, given) : SignatureCheck.Stale;
    }
}
