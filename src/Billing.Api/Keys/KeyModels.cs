namespace Billing.Api.Keys;

/// <summary>A key to be made.</summary>
public sealed record KeyRequest
{
    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>What it may do, at most what the key that makes it may.</summary>
    public required IReadOnlyList<Scope> Scopes { get; init; }

    /// <summary>From when it is no longer taken; left out: until it is revoked.</summary>
    public Instant? ExpiresAt { get; init; }
}

/// <summary>A key.</summary>
public sealed record KeyResponse
{
    /// <summary>The id; <c>admin</c> is the key that the configuration gives.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>What it may do.</summary>
    public required IReadOnlyList<Scope> Scopes { get; init; }

    /// <summary>The secret's first characters, by which its holder knows it.</summary>
    public string? Prefix { get; init; }

    /// <summary>The secret: in the answer that made it and never again.</summary>
    public string? Secret { get; init; }

    /// <summary>When it was made.</summary>
    public Instant? CreatedAt { get; init; }

    /// <summary>When it was used last, to about a minute.</summary>
    public Instant? LastUsedAt { get; init; }

    /// <summary>From when it is no longer taken.</summary>
    public Instant? ExpiresAt { get; init; }

    /// <summary>When it was revoked.</summary>
    public Instant? RevokedAt { get; init; }

    internal static KeyResponse Of(ApiKey key, Instant? seenAt = null, string? secret = null) => new()
    {
        Id = key.Id,
        Name = key.Name,
        Scopes = key.Scopes,
        Prefix = key.Prefix,
        Secret = secret,
        CreatedAt = key.CreatedAt,
        LastUsedAt = seenAt is { } seen && !(key.LastUsedAt > seen) ? seen : key.LastUsedAt,
        ExpiresAt = key.ExpiresAt,
        RevokedAt = key.RevokedAt,
    };
}
