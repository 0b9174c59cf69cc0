namespace Billing.Silo;

/// <summary>Whether grains can be called from this process.</summary>
public interface IEngineStatus
{
    /// <summary>
    /// <see langword="false"/> until a silo has joined, or an API host has found its first silo. A call made before does not even find out
    /// which grain is meant.
    /// </summary>
    bool CanServe { get; }

    /// <summary>Why grains do not answer just now; <see langword="null"/> where they do.</summary>
    Task<string?> FindTroubleAsync(CancellationToken cancellationToken);
}
