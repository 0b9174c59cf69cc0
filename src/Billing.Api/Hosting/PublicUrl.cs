using Billing.Silo;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Billing.Api.Hosting;

/// <summary>
/// <c>Billing:PublicUrl</c>: where customers reach this service. Every absolute URL that leaves the house is made of it, and
/// never of a request's Host header, which anybody may choose. In Development it is this process's own address by default.
/// </summary>
internal sealed class PublicUrl
{
    private readonly string? _given;
    private readonly bool _isDevelopment;

    private PublicUrl(string? given, bool isDevelopment) => (_given, _isDevelopment) = (given, isDevelopment);

    /// <summary>Reads the setting.</summary>
    /// <exception cref="StartRefusedException">It is no address at which customers could be.</exception>
    public static PublicUrl Read(IConfiguration configuration, IHostEnvironment environment) =>
        PublicAddress.Read(configuration, environment) is { } given ? new PublicUrl(given, isDevelopment: false) : new PublicUrl(given: null, environment.IsDevelopment());

    /// <summary>The URL without a slash at its end; <see langword="null"/> where nobody has said it.</summary>
    public string? Of(IServer server) => _given ?? (_isDevelopment ? server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()?.TrimEnd('/') : null);
}
