using System.Net;

namespace Billing.Api.Keys;

/// <summary>
/// Counts what strangers do within a window, each by itself, in bounded memory. Implementation note: a partitioned limiter
/// of the framework keeps one limiter for each address that ever came in the last seconds, and whoever owns a /32 of IPv6
/// can bring as many as there is memory; here the oldest is forgotten instead.
/// </summary>
internal sealed class RecentCounts(int most, TimeSpan window, TimeProvider time)
{
    /// <summary>How many are counted at a time.</summary>
    public const int MostCounted = 50_000;

    private readonly Dictionary<string, LinkedListNode<Entry>> _byName = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _oldestFirst = [];
    private readonly Lock _gate = new();

    /// <summary>How many are counted now.</summary>
    public int Counted
    {
        get
        {
            lock (_gate) return _byName.Count;
        }
    }

    /// <summary>A client's address as it is counted: of IPv6 the network, since a host has all of it.</summary>
    public static string NameOf(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.GetAddressBytes() is { Length: 16 } bytes ? Convert.ToHexString(bytes, 0, 8) : address.ToString();
    }

    /// <summary>How long somebody has to wait; <see langword="null"/> where there is room.</summary>
    public TimeSpan? Wait(string name)
    {
        lock (_gate)
        {
            return _byName.TryGetValue(name, out var node) && node.Value.Count >= most && window - time.GetElapsedTime(node.Value.Since) is var left && left > TimeSpan.Zero ? left : null;
        }
    }

    /// <summary>One more of somebody's.</summary>
    public void Add(string name)
    {
        lock (_gate)
        {
            if (_byName.TryGetValue(name, out var node) && time.GetElapsedTime(node.Value.Since) < window)
            {
                node.Value.Count++;
                return;
            }

            if (node is not null) Forget(node);
            else if (_byName.Count >= MostCounted) Forget(_oldestFirst.First!);
            _byName[name] = _oldestFirst.AddLast(new Entry(name, time.GetTimestamp()) { Count = 1 });
        }
    }

    private void Forget(LinkedListNode<Entry> node)
    {
        _byName.Remove(node.Value.Name);
        _oldestFirst.Remove(node);
    }

    private sealed class Entry(string name, long since)
    {
        public string Name { get; } = name;

        public long Since { get; } = since;

        public int Count { get; set; }
    }
}
