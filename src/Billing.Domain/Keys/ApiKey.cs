using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>A key of the installation. Of its secret only the hash is known.</summary>
public sealed record ApiKey : IIdentified
{
    /// <inheritdoc />
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>What it may do.</summary>
    public required ImmutableArray<Scope> Scopes { get; init; }

    /// <summary>The secret's first characters, by which its holder knows it.</summary>
    public required string Prefix { get; init; }

    /// <summary>The secret's SHA-256, in lower-case hex.</summary>
    public required string Hash { get; init; }

    /// <summary>A hash of what was asked when it was made.</summary>
    public required string Content { get; init; }

    /// <summary>When it was made.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>From when it is no longer taken; <see langword="null"/>: until it is revoked.</summary>
    public Instant? ExpiresAt { get; init; }

    /// <summary>When it was revoked.</summary>
    public Instant? RevokedAt { get; init; }

    /// <summary>When it was used last, to about a minute.</summary>
    public Instant? LastUsedAt { get; init; }

    /// <summary>Whether it is taken at an instant.</summary>
    public bool IsAlive(Instant now) => RevokedAt is null && !(ExpiresAt <= now);
}

/// <summary>The keys of the installation.</summary>
public sealed record KeysState
{
    /// <summary>The keys, oldest first; those that are no longer taken stay until there is no room.</summary>
    public ImmutableArray<ApiKey> Keys { get => field.OrEmpty(); init; }

    /// <summary>When the admin key, which is configuration, was used last.</summary>
    public Instant? AdminUsedAt { get; init; }
}

/// <summary>Makes a key. Its secret never comes here.</summary>
/// <param name="Key">The id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Prefix">The secret's first characters.</param>
/// <param name="Hash">The secret's SHA-256, in lower-case hex.</param>
/// <param name="Content">A hash of what was asked.</param>
/// <param name="ExpiresAt">From when it is no longer taken.</param>
public sealed record CreateKey(string Key, string Name, ImmutableArray<Scope> Scopes, string Prefix, string Hash, string Content, Instant? ExpiresAt) : Message;

/// <summary>Ends a key.</summary>
public sealed record RevokeKey(string Key) : Message;

/// <summary>When keys were used last, as one process saw it.</summary>
public sealed record KeysUsed(ImmutableArray<KeyUsed> Uses) : Message;

/// <summary>When a key was used last.</summary>
public sealed record KeyUsed(string Key, Instant At);
