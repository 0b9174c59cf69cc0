using System.Data.Common;
using Billing.Silo;
using Orleans.Storage;

namespace Billing.Api.Hosting;

/// <summary>
/// The outermost middleware: every answer's headers, the key, and a problem in place of whatever went wrong. One for all
/// three, because each layer costs the gate.
/// </summary>
internal sealed class Edge(RequestDelegate next, AdminKey key, ApiSetup setup, IEngineStatus engine, ILogger<Edge> logger)
{
    /// <summary>The header that says that nothing outlives the process.</summary>
    public const string StoreHeader = "Billing-Store";

    public async Task InvokeAsync(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        if (setup.IsMemory) headers[StoreHeader] = "memory";
        if (Needed.Of(http).IsKey && !key.Allows(http.Request.Headers.Authorization))
        {
            await Problem.Of(ProblemCatalog.Unauthenticated, "This call needs a valid key: Authorization: Bearer <key>.").ExecuteAsync(http);
            return;
        }

        if (!engine.CanServe && IsCall(http.Request.Path))
        {
            await Problem.Of(Problems.Unavailable, "The cluster is not there yet.").ExecuteAsync(http);
            return;
        }

        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception) when (!http.Response.HasStarted)
        {
            await Explain(http, exception).ExecuteAsync(http);
            return;
        }

        if (http.Response is { StatusCode: >= 400, HasStarted: false, ContentLength: null, ContentType: null }) await Bare(http.Response.StatusCode).ExecuteAsync(http);
    }

    private static bool IsCall(PathString path) => path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase);

    private Problem Explain(HttpContext http, Exception exception)
    {
        switch (exception)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return TooLarge(ApiBounds.BodyBytes);
            case BadHttpRequestException bad:
                return Problem.Malformed("The request is not well formed.", bad.StatusCode);
            case TimeoutException or DbException or OrleansException or InconsistentStateException:
                EdgeLog.Unavailable(logger, http.Request.Method, http.Request.Path, exception);
                return Problem.Of(Problems.Unavailable, "It could not be done just now. Nothing is known to have failed for good.");
            default:
                EdgeLog.Fault(logger, http.Request.Method, http.Request.Path, exception);
                return Problem.Of(ProblemCatalog.InternalError, "The service met a fault of its own.");
        }
    }

    /// <summary>The body is larger than a call takes.</summary>
    public static Problem TooLarge(int most) => Problem.Of(ProblemCatalog.TooLarge, $"The body has more than {most} bytes.");

    private static Problem Bare(int status) => status switch
    {
        StatusCodes.Status404NotFound => Problem.Of(Problems.NotFound, "There is nothing at this path."),
        StatusCodes.Status405MethodNotAllowed => Problem.Malformed("This path does not take this method; the header Allow names those that it takes.", status),
        _ => Problem.Malformed("The request is not well formed.", status),
    };
}

/// <summary>What the edge logs: never a body, a key or a token.</summary>
internal static partial class EdgeLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} could not be answered just now.")]
    public static partial void Unavailable(ILogger logger, string method, string path, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} met a fault.")]
    public static partial void Fault(ILogger logger, string method, string path, Exception exception);
}
