using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.Silo;

/// <summary>A silo as a process of its own: grains, and of HTTP nothing but whether it is alive and ready.</summary>
internal static class SiloProgram
{
    private static readonly string[] s_read = [HttpMethods.Get, HttpMethods.Head];

    public static async Task<int> Main(string[] args)
    {
        if (HealthProbe.IsAsked(args)) return await HealthProbe.RunAsync(args);
        try
        {
            var builder = WebApplication.CreateBuilder(args);
            builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new("Billing:Role", "silo")] });
            await using var store = await builder.AddBillingAsync();
            await using var app = builder.Build();
            MapHealth(app);
            await app.RunAsync();
            return Environment.ExitCode;
        }
        catch (StartRefusedException refused)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
    }

    private static void MapHealth(WebApplication app)
    {
        app.MapMethods("/healthz", s_read, () => Results.Text("""{"status":"alive"}""", "application/json"));
        app.MapMethods("/readyz", s_read, async (HttpContext http) =>
        {
            if (await http.RequestServices.GetRequiredService<Readiness>().FindTroubleAsync(http.RequestAborted) is not { } trouble) return Results.Text("""{"status":"ready"}""", "application/json");
            http.Response.Headers.RetryAfter = "1";
            return Results.Problem(trouble, statusCode: StatusCodes.Status503ServiceUnavailable, title: "Not available just now");
        });
    }
}
