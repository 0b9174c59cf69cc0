using System.Collections.Immutable;

namespace Billing.Domain;

/// <summary>What needs what among an account's resources. A dependency may be registered later than what names it.</summary>
/// <remarks>Implementation note: no cycle is ever taken in, so every walk ends, at most <see cref="AccountLimits.Resources"/> deep.</remarks>
internal static class ResourceGraph
{
    /// <summary>The order in which they may start: each after all that it needs, else as registered.</summary>
    public static ImmutableArray<Resource> DependenciesFirst(this ImmutableArray<Resource> resources) =>
        Sort(resources, resource => resources.Where(other => Needs(resource, other.Id)));

    /// <summary>The order in which they may stop: each after all that needs it, else as registered.</summary>
    public static ImmutableArray<Resource> DependentsFirst(this ImmutableArray<Resource> resources) =>
        Sort(resources, resource => resources.Where(other => Needs(other, resource.Id)));

    /// <summary>Whether a resource, needing these, would need itself in the end.</summary>
    public static bool ClosesCycle(this ImmutableArray<Resource> resources, string id, ImmutableArray<string> needs)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var toVisit = new Stack<string>(needs);
        while (toVisit.TryPop(out var next))
        {
            if (string.Equals(next, id, StringComparison.Ordinal)) return true;
            if (!seen.Add(next) || resources.Find(next) is not { State: not ResourceState.Deleted } known) continue;
            foreach (var need in known.DependsOn) toVisit.Push(need);
        }

        return false;
    }

    /// <summary>Whether nothing that needs it stands in the way of an order: it stops when they have stopped, and goes when they are gone.</summary>
    public static bool IsFree(this ImmutableArray<Resource> resources, Resource resource, OrderAction action) => resources.All(other =>
        !Needs(other, resource.Id) || other.State == ResourceState.Deleted || action == OrderAction.Stop && other.State == ResourceState.Stopped);

    private static bool Needs(Resource resource, string id) => resource.DependsOn.Contains(id, StringComparer.Ordinal);

    private static ImmutableArray<Resource> Sort(ImmutableArray<Resource> resources, Func<Resource, IEnumerable<Resource>> before)
    {
        var sorted = ImmutableArray.CreateBuilder<Resource>(resources.Length);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        void Visit(Resource resource)
        {
            if (!seen.Add(resource.Id)) return;
            foreach (var other in before(resource)) Visit(other);
            sorted.Add(resource);
        }

        foreach (var resource in resources) Visit(resource);
        return sorted.ToImmutable();
    }
}
