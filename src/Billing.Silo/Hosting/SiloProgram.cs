using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.Silo;

/// <summary>A silo as a process of its own: grains, and of HTTP nothing but whether it is alive and ready.</summary>
internal static class SiloProgram
{
    private static readonly string[] s_read = [HttpMethods.Get, HttpMethods.Head];

    public static Task<int> Main(string[] args) => ServiceProgram.MainAsync(args, async () =>
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new("Billing:Role", "silo")] });
        await using var store = await builder.AddBillingAsync();
        await using var app = builder.Build();
        MapHealth(app);
        await app.RunToItsEndAsync();
    });

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
