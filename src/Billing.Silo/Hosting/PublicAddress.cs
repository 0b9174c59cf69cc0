using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Billing.Silo;

/// <summary><c>Billing:PublicUrl</c>: where customers reach the service.</summary>
public static class PublicAddress
{
    /// <summary>Reads the setting: an address without a slash at its end; <see langword="null"/> where it is not set.</summary>
    /// <exception cref="StartRefusedException">It is no address at which customers could be.</exception>
    public static string? Read(IConfiguration configuration, IHostEnvironment environment)
    {
        if (configuration["Billing:PublicUrl"] is not { Length: > 0 } given) return null;
        var isUrl = Uri.TryCreate(given, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            && url is { Query.Length: 0, Fragment.Length: 0, UserInfo.Length: 0 };
        if (!isUrl) throw new StartRefusedException($"Billing:PublicUrl is '{given}'; it must be an address such as https://billing.example.com.");
        if (environment.IsProduction() && url!.Scheme != Uri.UriSchemeHttps) throw new StartRefusedException("Billing:PublicUrl must be https in Production: a pay link is a secret on its way.");
        return given.TrimEnd('/');
    }
}
