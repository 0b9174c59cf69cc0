namespace Billing.Silo;

/// <summary>
/// The program asked about the process that runs beside it: <c>--health</c> asks whether that one is ready and ends with 0 or 1. So
/// an image needs no other program for its health check.
/// </summary>
public static class HealthProbe
{
    private const string Argument = "--health";
    private const string DefaultPort = "8080";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether the program was started for this.</summary>
    public static bool IsAsked(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return args is [Argument, ..];
    }

    /// <summary>Asks, and tells the exit code. A second argument is the address; without one it is this host's, on the first port of <c>ASPNETCORE_URLS</c> or <c>ASPNETCORE_HTTP_PORTS</c>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var address = args.Length > 1 ? new Uri(args[1]) : new Uri($"http://127.0.0.1:{Port(Environment.GetEnvironmentVariable("ASPNETCORE_URLS"), Environment.GetEnvironmentVariable("ASPNETCORE_HTTP_PORTS"))}/readyz");
        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(address);
            if (answer.IsSuccessStatusCode) return 0;
            await Console.Error.WriteLineAsync(await answer.Content.ReadAsStringAsync());
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
        }

        return 1;
    }

    /// <summary>The first port that a server listens on by these settings.</summary>
    internal static string Port(string? urls, string? ports)
    {
        if (!string.IsNullOrEmpty(urls)) return urls.Split(';')[0].TrimEnd('/') is var first && first.LastIndexOf(':') is var colon and > 5 ? first[(colon + 1)..] : "80";
        return string.IsNullOrEmpty(ports) ? DefaultPort : ports.Split(';')[0];
    }
}
