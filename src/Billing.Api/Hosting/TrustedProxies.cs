using System.Net;
using Billing.Silo;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Billing.Api.Hosting;

/// <summary>
/// <c>Billing:TrustedProxies</c>: addresses and networks whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed.
/// None are by default, since whoever is believed says where a call comes from. The Host header is never taken from anybody.
/// </summary>
internal static class TrustedProxies
{
    private const string Section = "Billing:TrustedProxies";

    /// <summary>Reads the section.</summary>
    /// <exception cref="StartRefusedException">An entry is no address and no network.</exception>
    public static void AddTrustedProxies(this WebApplicationBuilder builder)
    {
        if (Read(builder.Configuration) is not { Length: > 0 } entries) return;
        var networks = entries.Select(Parse).ToArray();
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.ForwardLimit = null;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in networks) forwarded.KnownIPNetworks.Add(network);
        });
    }

    /// <summary>Believes them, where there are any.</summary>
    public static void UseTrustedProxies(this WebApplication app)
    {
        if (Read(app.Configuration) is { Length: > 0 }) app.UseForwardedHeaders();
    }

    private static string[]? Read(IConfiguration configuration) => configuration.GetSection(Section).Get<string[]>();

    private static IPNetwork Parse(string entry)
    {
        if (IPNetwork.TryParse(entry, out var network)) return network;
        if (IPAddress.TryParse(entry, out var address)) return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        throw new StartRefusedException($"{Section} holds '{entry}', which is no address (10.0.0.7) and no network (10.0.0.0/8).");
    }
}
