using Billing.Grains.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Billing.Silo;

/// <summary>
/// What leaves the process for operators: logs as one JSON object a line outside Development, and, where an endpoint is
/// configured, metrics and traces by OTLP. Who counts uses System.Diagnostics alone; this is the one place that knows where to.
/// </summary>
internal static class Telemetry
{
    /// <summary>OpenTelemetry's own setting; the exporter reads it, and its companions for protocol and headers, by itself.</summary>
    private const string Standard = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string Own = "Billing:Telemetry:Endpoint";

    private static readonly string[] Meters = [BillingMeter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.Orleans", "Npgsql", "System.Runtime"];
    private static readonly string[] Sources = ["Microsoft.AspNetCore", "Microsoft.Orleans.Application", "Microsoft.Orleans.Lifecycle", "Npgsql"];

    public static void AddTelemetry(this WebApplicationBuilder builder, BillingRole role)
    {
        // A span names the route. A path may hold a pay link's token, which no log and no trace is to have: said here, whatever the framework's default becomes.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", true);
        if (!builder.Environment.IsDevelopment()) WriteJson(builder.Services);
        if (Endpoint(builder.Configuration) is not { } endpoint) return;
        var isOwn = IsOwn(builder.Configuration);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService($"billing-{role.ToString().ToLowerInvariant()}", serviceVersion: SiloNames.Version, serviceInstanceId: $"{Environment.MachineName}:{Environment.ProcessId}").AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics.AddMeter(Meters).AddOtlpExporter(otlp => Direct(otlp, "metrics")))
            .WithTracing(traces => traces.AddSource(Sources).AddOtlpExporter(otlp => Direct(otlp, "traces")));

        // The standard variable is the exporter's own matter: an endpoint that is set here is taken as it stands, without the signal's path.
        void Direct(OtlpExporterOptions otlp, string signal)
        {
            if (isOwn) otlp.Endpoint = otlp.Protocol == OtlpExportProtocol.HttpProtobuf ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/v1/{signal}") : endpoint;
        }
    }

    private static void WriteJson(IServiceCollection services)
    {
        services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = ConsoleFormatterNames.Json);
        services.Configure<JsonConsoleFormatterOptions>(json =>
        {
            if (json.TimestampFormat is null) (json.TimestampFormat, json.UseUtcTimestamp) = ("O", true);
        });
    }

    /// <summary><c>Billing:Telemetry:Endpoint</c>, else the standard variable; neither: nothing is exported.</summary>
    /// <exception cref="StartRefusedException">It is no address.</exception>
    internal static Uri? Endpoint(IConfiguration configuration)
    {
        var name = IsOwn(configuration) ? Own : Standard;
        var text = configuration[name];
        if (string.IsNullOrEmpty(text)) return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme is ("http" or "https")
            ? endpoint
            : throw new StartRefusedException($"{name} is '{text}', no address such as http://collector:4317.");
    }

    private static bool IsOwn(IConfiguration configuration) => !string.IsNullOrEmpty(configuration[Own]);
}
