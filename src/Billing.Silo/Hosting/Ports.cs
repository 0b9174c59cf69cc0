using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Billing.Silo;

/// <summary>
/// Whether a silo's ports are free. The engine listens in a way that shares a port: a second silo on it would take the first one's
/// connections, and the cluster would evict the first.
/// </summary>
internal static class Ports
{
    /// <summary>Takes each port for a moment, for itself alone.</summary>
    /// <param name="address">Where the silo listens.</param>
    /// <param name="silo">Where silos talk to each other.</param>
    /// <param name="gateway">Where clients come in.</param>
    /// <exception cref="StartRefusedException">One is in use, or both are the same.</exception>
    public static void Check(IPAddress address, int silo, int gateway)
    {
        if (silo == gateway) throw new StartRefusedException(string.Create(CultureInfo.InvariantCulture, $"Billing:Cluster:SiloPort and GatewayPort are both {silo}; they must be two ports."));
        Take("SiloPort", silo);
        Take("GatewayPort", gateway);

        void Take(string name, int port)
        {
            try
            {
                using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(address, port));
                socket.Listen(1);
            }
            catch (SocketException taken)
            {
                throw new StartRefusedException(string.Create(CultureInfo.InvariantCulture, $"Billing:Cluster:{name} is {port}, and this process cannot listen there at {address}: {taken.Message}."), taken);
            }
        }
    }

    /// <summary>The address of a name.</summary>
    /// <param name="name">An address, or a host's name.</param>
    /// <exception cref="StartRefusedException">Nobody knows it.</exception>
    public static async Task<IPAddress> FindAsync(string name)
    {
        if (IPAddress.TryParse(name, out var address)) return address;
        try
        {
            if ((await Dns.GetHostAddressesAsync(name, AddressFamily.InterNetwork)) is [var first, ..]) return first;
        }
        catch (SocketException)
        {
            // Said below.
        }

        throw new StartRefusedException($"Billing:Cluster:Address is '{name}', which leads to no address.");
    }
}
