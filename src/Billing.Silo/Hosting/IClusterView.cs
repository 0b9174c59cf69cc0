using NodaTime;

namespace Billing.Silo;

/// <summary>What an operator sees of the processes that run the grains.</summary>
public interface IClusterView
{
    /// <summary>Reads it.</summary>
    Task<ClusterReading> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>The processes that run the grains.</summary>
/// <param name="Engine"><c>embedded</c> or <c>orleans</c>.</param>
/// <param name="Silos">Every silo that the membership still knows, the dead ones included.</param>
/// <param name="Activations">How many activations there are of each grain.</param>
/// <param name="Reminders">How many durable reminders are set.</param>
public sealed record ClusterReading(string Engine, IReadOnlyList<SiloReading> Silos, IReadOnlyList<ActivationCount> Activations, long Reminders);

/// <summary>One silo.</summary>
/// <param name="Name">Its host and port.</param>
/// <param name="Address">Where the others reach it.</param>
/// <param name="Status"><c>active</c>, <c>joining</c>, <c>shutting_down</c>, <c>dead</c>, …</param>
/// <param name="Version">Of its build.</param>
/// <param name="StartedAt">Since when it runs.</param>
/// <param name="Activations">How many activations it has.</param>
public sealed record SiloReading(string Name, string? Address, string Status, string? Version, Instant? StartedAt, int Activations);

/// <summary>How many activations there are of a grain.</summary>
public sealed record ActivationCount(string Grain, int Count);

/// <summary>What operators call a grain class.</summary>
internal static class GrainNames
{
    private const string Ending = "Grain";

    /// <summary>Of <c>Billing.Grains.Ceilings.CardCeilingGrain</c>: <c>card_ceiling</c>.</summary>
    public static string Of(string type)
    {
        var name = type[(type.LastIndexOf('.') + 1)..];
        if (name.EndsWith(Ending, StringComparison.Ordinal)) name = name[..^Ending.Length];
        return System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
    }
}
