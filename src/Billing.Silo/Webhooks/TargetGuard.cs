using System.Net;
using System.Net.Sockets;
using Billing.Domain;

namespace Billing.Silo.Webhooks;

/// <summary>A target is none of the public internet. Nothing was connected to.</summary>
public sealed class TargetRefusedException(string host) : Exception($"'{host}' leads to an address that is not called from here.");

/// <summary>From a name to its addresses.</summary>
public interface IHostResolver
{
    /// <summary>Every address of a name; a name that is an address is that one.</summary>
    /// <exception cref="SocketException">There is none, or nobody knows.</exception>
    Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken);
}

/// <summary>The system's resolver.</summary>
internal sealed class SystemResolver : IHostResolver
{
    /// <inheritdoc/>
    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken);
}

/// <summary>
/// Connects to subscribers, and to nobody else. A name is resolved once for a connection; each of its addresses is checked, and the
/// connection goes to one that was checked: a name that answers differently the next time gains nothing by it.
/// </summary>
/// <param name="resolver">From names to addresses.</param>
/// <param name="allowPrivate">Whether everything may be called.</param>
public sealed class TargetGuard(IHostResolver resolver, bool allowPrivate)
{
    /// <summary>How long a look at a URL waits for its name; a name that nobody knows yet is taken, and checked when it is called.</summary>
    private static readonly TimeSpan LookFor = TimeSpan.FromSeconds(3);

    /// <summary>How long one address may take where the name has others.</summary>
    private static readonly TimeSpan OneOfSeveral = TimeSpan.FromSeconds(4);

    /// <summary>Why a URL cannot be called, as far as can be told now; <see langword="null"/> where it can. It is checked again at each connection.</summary>
    public async Task<string?> WhatIsWrongAsync(string url, CancellationToken cancellationToken)
    {
        if (WebhookTargets.WhatIsWrong(url, allowPrivate) is { } wrong) return wrong;
        if (allowPrivate) return null;
        try
        {
            await ResolveAsync(new Uri(url).DnsSafeHost, cancellationToken).WaitAsync(LookFor, cancellationToken);
            return null;
        }
        catch (TargetRefusedException)
        {
            return WebhookTargets.NotPublic;
        }
        catch (Exception unknown) when (unknown is SocketException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Opens a connection for an HTTP client.</summary>
    /// <exception cref="TargetRefusedException">An address of the name is not public.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var target = context.DnsEndPoint;
        var addresses = await ResolveAsync(target.Host, cancellationToken);
        Exception? failure = null;
        foreach (var address in addresses)
        {
            // One of several that does not answer must not use up the time of the others.
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (!address.Equals(addresses[^1])) bound.CancelAfter(OneOfSeveral);
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, target.Port), bound.Token);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception next) when (next is SocketException || (next is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                socket.Dispose();
                failure = next;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolver.ResolveAsync(host, cancellationToken);
        // One that is not public condemns the name: whoever answers with both hopes for the other one.
        if (!allowPrivate && !addresses.All(WebhookTargets.IsPublic)) throw new TargetRefusedException(host);
        return addresses;
    }
}
