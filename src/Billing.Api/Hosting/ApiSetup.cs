namespace Billing.Api.Hosting;

/// <summary>What the configuration decides about the API for as long as the process lives.</summary>
/// <param name="IsMemory">Nothing outlives the process.</param>
/// <param name="HasSandbox">Whether test clocks and the sandbox gateway exist.</param>
/// <param name="IsProduction">Whether live accounts may never use the sandbox.</param>
/// <param name="IsCluster">Whether other processes read the policies too.</param>
internal sealed record ApiSetup(bool IsMemory, bool HasSandbox, bool IsProduction, bool IsCluster);
