namespace Billing.Sandbox;

/// <summary>How the sandbox is set up.</summary>
public sealed class SandboxOptions
{
    /// <summary>The fewest characters of a secret.</summary>
    public const int ShortestSecret = 24;

    /// <summary>The PostgreSQL database in which it keeps its own schema; <see langword="null"/>, the default: memory, which a restart forgets.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether this process brings the schema up to date at its start. Default yes; a process that must start without a database leaves it to others.</summary>
    public bool MakesSchema { get; set; } = true;

    /// <summary>The most connections of its own pool. Default 32: more only queue up behind the disk.</summary>
    public int MaxConnections { get; set; } = 32;

    /// <summary>Signs its webhook. Required, at least <see cref="ShortestSecret"/> characters; there is no default.</summary>
    public string WebhookSecret { get; set; } = "";

    /// <summary>
    /// The door of its webhook, asked each time, for the port may be known only after the start. While it answers
    /// <see langword="null"/>, the default, events wait.
    /// </summary>
    public Func<Uri?> WebhookUrl { get; set; } = () => null;
}
