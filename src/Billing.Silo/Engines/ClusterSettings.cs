#if ORLEANS
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Billing.Silo;

/// <summary>
/// The section <c>Billing:Cluster</c>: where a silo listens, and how soon it takes another one for dead. Whoever reaches
/// these ports commands the grains, so keep them inside. What each time buys and costs is in docs/operations.md.
/// </summary>
public sealed class ClusterSettings
{
    /// <summary>Which silos find each other among those of one service. Default: the service's id; another one makes a cluster that does not know of the first.</summary>
    public string? ClusterId { get; set; }

    /// <summary>The address at which the other silos reach this one. Default: the loopback in Development, else this host's own.</summary>
    public string? Address { get; set; }

    /// <summary>Where silos talk to each other. Default 11111; 0 takes a free one.</summary>
    public int SiloPort { get; set; } = 11_111;

    /// <summary>Where clients of other processes come in. Default 30000; 0 takes a free one.</summary>
    public int GatewayPort { get; set; } = 30_000;

    /// <summary>How long a probe of another silo may take before it counts as missed; under load it may grow to twice this. Default 1 s; 0.5 s to 1 min.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>So many missed probes make a silo suspect, and then dead. Default 3; 2 to 10.</summary>
    public int MissedProbes { get; set; } = 3;

    /// <summary>How often membership is read again: at most so long an evicted silo that wakes up answers reads from an old memory. Default 5 s; 1 s to 5 min.</summary>
    public TimeSpan TableRefresh { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a silo writes that it is alive: a row that is older than three of these does not hinder a start. Default 5 s; 1 s to 5 min.</summary>
    public TimeSpan AliveEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For how long a silo tries to join before it ends, to be started again by its supervisor. Default 30 s; 5 s to 10 min.</summary>
    public TimeSpan JoinWithin { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a call to a grain may take before its outcome counts as unknown. Default 5 s; 1 s to 2 min.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an API host waits between two tries to find a silo. Default 1 s; 0.1 s to 1 min.</summary>
    public TimeSpan ReconnectEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the silos compare what they hold, and the fuller ones give some of it away: a silo that has come gets its share within a few of these. Default 15 s; 2 s to 1 h.</summary>
    public TimeSpan RebalanceEvery { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Reads the section and checks it.</summary>
    /// <exception cref="StartRefusedException">A value is out of its range.</exception>
    internal static ClusterSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Billing:Cluster");
        ClusterSettings settings;
        try
        {
            settings = section.Get<ClusterSettings>() ?? new ClusterSettings();
        }
        catch (InvalidOperationException unreadable)
        {
            throw new StartRefusedException($"Billing:Cluster cannot be read: {unreadable.Message}", unreadable);
        }

        Within(nameof(SiloPort), settings.SiloPort, 0, 65_535);
        Within(nameof(GatewayPort), settings.GatewayPort, 0, 65_535);
        Within(nameof(MissedProbes), settings.MissedProbes, 2, 10);
        Within(nameof(ProbeTimeout), settings.ProbeTimeout, TimeSpan.FromSeconds(0.5), TimeSpan.FromMinutes(1));
        Within(nameof(TableRefresh), settings.TableRefresh, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        Within(nameof(AliveEvery), settings.AliveEvery, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        Within(nameof(JoinWithin), settings.JoinWithin, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10));
        Within(nameof(ResponseTimeout), settings.ResponseTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));
        Within(nameof(RebalanceEvery), settings.RebalanceEvery, TimeSpan.FromSeconds(2), TimeSpan.FromHours(1));
        Within(nameof(ReconnectEvery), settings.ReconnectEvery, TimeSpan.FromSeconds(0.1), TimeSpan.FromMinutes(1));
        return settings;

        static void Within<T>(string name, T value, T least, T most) where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0) throw new StartRefusedException($"Billing:Cluster:{name} is {value}; it must be {least} to {most}.");
        }
    }

    /// <summary>The port itself, or a free one.</summary>
    internal static int Resolve(int port)
    {
        if (port != 0) return port;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
#endif
