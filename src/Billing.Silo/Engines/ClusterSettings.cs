#if ORLEANS
using System.Net;
using System.Net.Sockets;

namespace Billing.Silo;

/// <summary>The section <c>Billing:Cluster</c>: where this silo listens. Whoever reaches these ports commands the grains, so keep them inside.</summary>
public sealed class ClusterSettings
{
    /// <summary>The address at which the other silos reach this one. Default: the loopback in Development, else this host's own.</summary>
    public string? Address { get; set; }

    /// <summary>Where silos talk to each other. Default 11111; 0 takes a free one.</summary>
    public int SiloPort { get; set; } = 11_111;

    /// <summary>Where clients of other processes come in. Default 30000; 0 takes a free one.</summary>
    public int GatewayPort { get; set; } = 30_000;

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
