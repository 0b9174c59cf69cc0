using System.Data.Common;
using Billing.Silo;
using Orleans.Storage;

namespace Billing.Api.Hosting;

/// <summary>
/// The outermost middleware: every answer's headers, the key, and a problem in place of whatever went wrong. One for all
/// three, because each layer costs the gate.
/// </summary>
internal sealed class Edge(RequestDelegate next, KeyRing keys, Strangers strangers, ApiSetup setup, IEngineStatus engine, ILogger<Edge> logger)
{
    /// <summary>The header that says that nothing outlives the process.</summary>
    public const string StoreHeader = "Billing-Store";

    private const string ReferrerPolicy = "Referrer-Policy";

    public async Task InvokeAsync(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers[ReferrerPolicy] = "no-referrer";
        if (http.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
        if (setup.IsMemory) headers[StoreHeader] = "memory";
        if (Needed.Of(http) is { IsKey: true } needed && Refusal(http, needed) is { } refusal)
        {
            await refusal.ExecuteAsync(http);
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

    /// <summary>Why a call is not let in: no key that is taken, one without the scope, or one that calls too often.</summary>
    private Problem? Refusal(HttpContext http, Needed needed)
    {
        if (keys.Find(http.Request.Headers.Authorization) is not { } caller)
            return strangers.Refuse(http, Problem.Of(ProblemCatalog.Unauthenticated, "This call needs a valid key: Authorization: Bearer <key>."));
        if ((caller.Mask & needed.Mask) == 0) return Problem.Of(ProblemCatalog.Forbidden, $"This call needs a key with the scope {needed}.");
        if (!caller.TryTake(needed)) return Caller.TooMany;
        if (!needed.AsksForCaller) return null;
        http.Features.Set(caller);
        if (!needed.IsCommand) return null;
        return Signing.Refusal(http);
    }

    private static bool IsCall(PathString path) => path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase);

    /// <summary>The path as a log may hold it: of an endpoint its pattern, since a path can hold the token of a pay link.</summary>
    private static string PathOf(HttpContext http) => http.GetEndpoint() is RouteEndpoint endpoint ? endpoint.RoutePattern.RawText ?? "" : "a path where nothing is";

    private Problem Explain(HttpContext http, Exception exception)
    {
        switch (exception)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return TooLarge(ApiBounds.BodyBytes);
            case BadHttpRequestException bad:
                return Problem.Malformed("The request is not well formed.", bad.StatusCode);
            case var _ when IsPassing(exception):
                EdgeLog.Unavailable(logger, http.Request.Method, PathOf(http), exception.Message);
                return Problem.Of(Problems.Unavailable, "It could not be done just now. Nothing is known to have failed for good.");
            default:
                EdgeLog.Fault(logger, http.Request.Method, PathOf(http), exception);
                return Problem.Of(ProblemCatalog.InternalError, "The service met a fault of its own.");
        }
    }

    /// <summary>Whether it says only that something could not be done just now: a silo that left, a database that is away.</summary>
    public static bool IsPassing(Exception exception) => exception is TimeoutException or DbException or OrleansException or InconsistentStateException;

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
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} could not be answered just now: {Reason}")]
    public static partial void Unavailable(ILogger logger, string method, string path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} met a fault.")]
    public static partial void Fault(ILogger logger, string method, string path, Exception exception);
}
