namespace Billing.Silo.Postgres;

/// <summary>Where the database is.</summary>
public sealed class PostgresOptions
{
    /// <summary><c>ConnectionStrings:Billing</c>: the server to use. Without it, a private cluster is made.</summary>
    public string? ConnectionString { get; set; }

    /// <summary><c>Billing:DataFolder</c>: what the process keeps; default <c>.billing</c>.</summary>
    public string DataFolder { get; set; } = ".billing";

    /// <summary>Where <c>initdb</c> and <c>pg_ctl</c> are looked for; <see langword="null"/>: PATH and the usual places.</summary>
    public IReadOnlyList<string>? BinaryFolders { get; set; }

    /// <summary>Whether this process brings the database up to date; an API host leaves that, and even a database that does not answer, to its silos.</summary>
    public bool Migrates { get; set; } = true;

    /// <summary>The service whose rows are ours; default <c>billing</c>. Both engines use the same.</summary>
    public string ServiceId { get; set; } = "billing";
}
