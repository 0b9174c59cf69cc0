using System.Collections.Immutable;

namespace Billing.Domain;

/// <summary>Something that a list keeps once, by id.</summary>
public interface IIdentified
{
    /// <summary>The id, unique within its list.</summary>
    string Id { get; }
}

/// <summary>
/// Small lists by id. Implementation note: every list of a state is bounded by a few hundred, so a scan is cheaper than
/// a tree, keeps the order in which things were added, and stores as a plain JSON array.
/// </summary>
public static class Identified
{
    /// <summary>The item with this id, or <see langword="null"/>.</summary>
    public static T? Find<T>(this ImmutableArray<T> items, string? id) where T : class, IIdentified
    {
        foreach (var item in items)
        {
            if (string.Equals(item.Id, id, StringComparison.Ordinal)) return item;
        }

        return null;
    }

    /// <summary>The list with this item in place of the one of the same id, or at the end.</summary>
    public static ImmutableArray<T> With<T>(this ImmutableArray<T> items, T item) where T : class, IIdentified
    {
        for (var i = 0; i < items.Length; i++)
        {
            if (string.Equals(items[i].Id, item.Id, StringComparison.Ordinal)) return items.SetItem(i, item);
        }

        return items.Add(item);
    }

    /// <summary>The list without the item of this id.</summary>
    public static ImmutableArray<T> Without<T>(this ImmutableArray<T> items, string id) where T : class, IIdentified =>
        items.RemoveAll(item => string.Equals(item.Id, id, StringComparison.Ordinal));

    /// <summary>The list, or the empty one where a stored state names none.</summary>
    public static ImmutableArray<T> OrEmpty<T>(this ImmutableArray<T> items) => items.IsDefault ? [] : items;
}
