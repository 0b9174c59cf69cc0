namespace Billing.Silo;

/// <summary>What a process is for: <c>Billing:Role</c>.</summary>
public enum BillingRole
{
    /// <summary>Grains and HTTP in one process. The default, and all that the embedded engine can be.</summary>
    All,

    /// <summary>Grains, and no HTTP but for health. A cluster has any number of them.</summary>
    Silo,

    /// <summary>HTTP alone; the grains are in silos. It opens at once and answers 503 until it has found them.</summary>
    Api,
}

/// <summary>What this process is.</summary>
/// <param name="Role">What it is for.</param>
/// <param name="IsCluster">Whether there may be other processes, which read policies and pauses for themselves.</param>
public sealed record ProcessRole(BillingRole Role, bool IsCluster);

/// <summary>Reads a role, and what follows from it.</summary>
public static class BillingRoles
{
    /// <summary>Whether the process runs grains.</summary>
    public static bool HasGrains(this BillingRole role) => role != BillingRole.Api;

    /// <summary>Reads <c>Billing:Role</c>.</summary>
    /// <exception cref="StartRefusedException">There is no such role, or the engine of this build is one process.</exception>
    public static BillingRole Read(string? setting)
    {
        if (!Enum.TryParse<BillingRole>(setting ?? nameof(BillingRole.All), ignoreCase: true, out var role) || !Enum.IsDefined(role)) throw new StartRefusedException($"Billing:Role is '{setting}', not api, silo or all.");
        if (EngineHosting.IsOneProcess && role != BillingRole.All)
            throw new StartRefusedException($"Billing:Role is '{setting}', and the embedded engine is one process: all. Build with -p:Engine=Orleans for a cluster.");
        return role;
    }
}
