using NodaTime;

namespace Billing.Grains.Interfaces.Index;

/// <summary>The mails of notices as they were written, sent or kept.</summary>
public interface IMailLog
{
    /// <summary>A page of them, newest first.</summary>
    /// <param name="account">Of one account; <see langword="null"/>: of all.</param>
    /// <param name="limit">At most so many, from 1.</param>
    /// <param name="before">Older than this place; <see langword="null"/>: the newest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<KeptMail>> ListAsync(string? account, int limit, long? before, CancellationToken cancellationToken = default);
}

/// <summary>A mail that is kept.</summary>
public sealed record KeptMail
{
    /// <summary>Its place, which grows.</summary>
    public long Seq { get; init; }

    /// <summary>The notice that it carries.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Account { get; init; }

    /// <summary>The notice's name.</summary>
    public required string Notice { get; init; }

    /// <summary>Its <c>Message-ID</c>, without angle brackets.</summary>
    public required string MessageId { get; init; }

    /// <summary>The language of its text.</summary>
    public required string Language { get; init; }

    /// <summary>For whom it is, or was at the last try: the owner first.</summary>
    public required IReadOnlyList<string> Recipients { get; init; }

    /// <summary>The subject.</summary>
    public required string Subject { get; init; }

    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>The HTML, where there is any.</summary>
    public string? Html { get; init; }

    /// <summary>When it was written, on the account's own clock.</summary>
    public required Instant WrittenAt { get; init; }

    /// <summary>When it was put here, in real time.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>Which sending was answered for good.</summary>
    public int? Sending { get; init; }

    /// <summary>When it was accepted for the owner, in real time.</summary>
    public Instant? AcceptedAt { get; init; }

    /// <summary>Whether it was kept here instead of being sent.</summary>
    public bool IsCaptured { get; init; }

    /// <summary>What the relay said for good.</summary>
    public string? Code { get; init; }
}
