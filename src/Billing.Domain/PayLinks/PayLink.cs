using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Billing.Domain;

/// <summary>A link with which a customer looks at what is due and pays it, without a key. Of its token only the hash is known.</summary>
public sealed record PayLink : IIdentified
{
    /// <inheritdoc />
    public required string Id { get; init; }

    /// <summary>The token's SHA-256, in lower-case hex.</summary>
    public required string Hash { get; init; }

    /// <summary>The notice whose mail carries it; <see langword="null"/>: a caller made it.</summary>
    public string? Notice { get; init; }

    /// <summary>When it was made, on the account's clock.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>From when it is nothing any more.</summary>
    public required Instant ExpiresAt { get; init; }

    /// <summary>When nothing was due any more. It never comes to life again.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>A token in the form in which it stands in a URL, of 16 bytes that nobody can guess.</summary>
    public static string TokenOf(ReadOnlySpan<byte> unguessable) => Base64Url.EncodeToString(unguessable);

    /// <summary>What is known of a token.</summary>
    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Whether it shows and pays at an instant.</summary>
    public bool IsAlive(Instant now) => EndedAt is null && ExpiresAt > now;
}

/// <summary>Where a link leads. The account decides whether it still does.</summary>
public sealed record PayLinkState
{
    /// <summary>The account; <see langword="null"/> while there is no such link.</summary>
    public string? Account { get; init; }

    /// <summary>The account's test clock.</summary>
    public string? Clock { get; init; }
}

/// <summary>Makes a pay link. Its token never comes here.</summary>
/// <param name="Link">The id.</param>
/// <param name="Hash">The token's SHA-256, in lower-case hex.</param>
/// <param name="Key">The caller's key.</param>
public sealed record MakePayLink(string Link, string Hash, IdempotencyKey? Key) : Message
{
    /// <summary>The notice whose mail will carry it; <see langword="null"/>: a caller asks for it. The same id again is the same link.</summary>
    public string? Notice { get; init; }
}

/// <summary>Ends a pay link.</summary>
public sealed record RevokePayLink(string Link) : Message;

/// <summary>Account → link: you lead here.</summary>
public sealed record PayLinkMade(string Account, string? Clock) : Message;
