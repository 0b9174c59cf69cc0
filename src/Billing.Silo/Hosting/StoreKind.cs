namespace Billing.Silo;

/// <summary>Where this process keeps its data.</summary>
/// <param name="IsMemory">Whether everything is gone when the process ends.</param>
/// <param name="Explanation">Why it is memory, and the ways on.</param>
public sealed record StoreKind(bool IsMemory, string? Explanation);
