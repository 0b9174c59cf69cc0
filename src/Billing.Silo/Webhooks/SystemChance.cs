using System.Security.Cryptography;
using Billing.Grains.Interfaces;

namespace Billing.Silo.Webhooks;

/// <summary>The system's own chance.</summary>
internal sealed class SystemChance : IChance
{
    /// <inheritdoc/>
    public int Below(int limit) => RandomNumberGenerator.GetInt32(limit);
}
