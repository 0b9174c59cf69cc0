using System.Net;
using Billing.Api;
using Billing.Api.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Billing.Benchmarks;

/// <summary>The service as it is, with two endpoints beside it to compare with.</summary>
internal static class Server
{
    /// <summary>The key of this run.</summary>
    public const string Key = "benchmark-key-of-this-machine-alone";

    /// <summary>Serves until the standard input closes.</summary>
    /// <param name="dataFolder">Where its private PostgreSQL lies, if it has one.</param>
    /// <param name="settings">Further settings, as on a command line.</param>
    public static async Task ServeAsync(string dataFolder, IReadOnlyList<string> settings)
    {
        await using var service = await BillingService.CreateAsync(
        [
            "--environment", "Development", "--urls", "http://127.0.0.1:0", "--Billing:DataFolder", dataFolder, "--Billing:AdminKey", Key, "--Logging:LogLevel:Default", "Warning",
            "--Billing:Gateways:Standard:Sources:benchmark:Secrets:0", Webhooks.Recognition.Secret,
            .. settings,
        ]);
        var app = service.App;
        MapComparisons(app, app.Services.GetRequiredService<NpgsqlDataSource>());
        using var reminders = new ActiveReminders();
        app.MapGet("/benchmark/reminders", () => reminders.Count).WithMetadata(Needed.Nothing);
        app.MapGet("/benchmark/heap", () => GC.GetTotalMemory(forceFullCollection: true)).WithMetadata(Needed.Nothing);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await Console.Out.WriteLineAsync($"port {new Uri(address).Port}");
        await Console.Out.WriteLineAsync($"database {service.ConnectionString}");
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }

    /// <summary>An answer of the gate's size that nobody computes, and one that a single prepared SELECT by key finds.</summary>
    private static void MapComparisons(WebApplication app, NpgsqlDataSource database)
    {
        var constant = System.Text.Encoding.UTF8.GetBytes("{\"allowed\":true,\"padding\":\"" + new string('x', 420) + "\"}");
        app.MapGet("/benchmark/constant/{account}", async (string account, HttpContext http) => await WriteAsync(http, constant)).WithMetadata(Needed.Nothing);
        app.MapGet("/benchmark/select/{account}", async (string account, HttpContext http) =>
        {
            await using var command = database.CreateCommand("select payload from grain_state where service_id = $1 and state_name = $2 and grain_key = $3");
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "billing" });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "account" });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "acct/" + account });
            await WriteAsync(http, (byte[])(await command.ExecuteScalarAsync())!);
        }).WithMetadata(Needed.Nothing);
    }

    private static ValueTask WriteAsync(HttpContext http, byte[] body)
    {
        http.Response.StatusCode = (int)HttpStatusCode.OK;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body);
    }
}
