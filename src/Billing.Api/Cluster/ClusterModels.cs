using Billing.Grains.Interfaces.Index;
using Billing.Silo;

namespace Billing.Api.Cluster;

/// <summary>The cluster as an operator sees it.</summary>
/// <param name="Engine"><c>embedded</c> or <c>orleans</c>.</param>
/// <param name="Silos">Every silo that is still known, those that are gone included, the youngest first.</param>
/// <param name="Activations">What is in memory, by grain.</param>
/// <param name="Reminders">How many durable reminders are set.</param>
/// <param name="Sweeper">What is overdue.</param>
/// <param name="Outbox">What is on its way.</param>
/// <param name="FeedLagSeconds">For how long a writer holds the event feed back; 0 where none does.</param>
/// <param name="At">When this was read.</param>
public sealed record ClusterResponse(
    string Engine, IReadOnlyList<SiloResponse> Silos, IReadOnlyList<ActivationsResponse> Activations, long Reminders, SweeperResponse Sweeper, OutboxResponse Outbox, double FeedLagSeconds, Instant At)
{
    internal static ClusterResponse Of(ClusterReading cluster, Backlog backlog, Instant now) => new(
        cluster.Engine,
        [.. cluster.Silos.Select(silo => new SiloResponse(silo.Name, silo.Address, silo.Status, silo.Version, silo.StartedAt, silo.Activations))],
        [.. cluster.Activations.Select(count => new ActivationsResponse(count.Grain, count.Count))],
        cluster.Reminders,
        new SweeperResponse(backlog.Overdue, SecondsFrom(backlog.OverdueSince, now)),
        new OutboxResponse(backlog.Open, SecondsFrom(backlog.OpenSince, now), backlog.Stuck),
        Math.Round(backlog.FeedHeldBack.TotalSeconds, 3),
        now);

    private static double SecondsFrom(Instant? since, Instant now) => since is { } from ? Math.Round(Math.Max(0, (now - from).TotalSeconds), 3) : 0;
}

/// <summary>One silo.</summary>
/// <param name="Name">Its host and port.</param>
/// <param name="Address">Where the others reach it; <c>null</c> on the embedded engine.</param>
/// <param name="Status"><c>active</c>, <c>joining</c>, <c>shutting_down</c>, <c>dead</c>, …</param>
/// <param name="Version">Of its build.</param>
/// <param name="StartedAt">Since when it runs.</param>
/// <param name="Activations">How many activations it has in memory.</param>
public sealed record SiloResponse(string Name, string? Address, string Status, string? Version, Instant? StartedAt, int Activations);

/// <summary>How much of a grain is in memory.</summary>
/// <param name="Grain">Which grain.</param>
/// <param name="Count">How many activations in all silos.</param>
public sealed record ActivationsResponse(string Grain, int Count);

/// <summary>What is overdue.</summary>
/// <param name="Overdue">Grains of real time past a deadline.</param>
/// <param name="LagSeconds">For how long the most overdue one is.</param>
public sealed record SweeperResponse(long Overdue, double LagSeconds);

/// <summary>What is on its way.</summary>
/// <param name="Open">Grains with a message or a gateway call open.</param>
/// <param name="OldestSeconds">For how long the oldest of them is.</param>
/// <param name="Stuck">Grains with a message that keeps failing; `GET /v1/attention` names them.</param>
public sealed record OutboxResponse(long Open, double OldestSeconds, long Stuck);
