using NodaTime;

namespace Billing.Sandbox;

/// <summary>Real time, as the house writes it.</summary>
internal static class SandboxTime
{
    /// <summary>Now.</summary>
    public static Instant Now(this TimeProvider time) => Instant.FromDateTimeOffset(time.GetUtcNow());
}
