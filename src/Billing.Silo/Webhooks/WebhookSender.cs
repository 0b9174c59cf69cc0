using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Webhooks;
using NodaTime;

namespace Billing.Silo.Webhooks;

/// <summary>
/// Sends events over HTTP. It follows no redirect, uses no proxy and no cookie, and reads nothing of an answer but its status
/// and <c>Retry-After</c>.
/// </summary>
public sealed class WebhookSender : IWebhookSender, IDisposable
{
    private const int LongestAnswerHead = 16; // KiB
    private const int MostDrained = 64 * 1024;

    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;

    /// <summary>Makes the one client of the process.</summary>
    public WebhookSender(TargetGuard guard, WebhookOptions options, TimeProvider time)
    {
        (_time, _timeout) = (time, options.Timeout);
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = guard.ConnectAsync,
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            // A subscriber that moves is found again; and what was checked long ago is checked again.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            ConnectTimeout = options.Timeout,
            MaxResponseHeadersLength = LongestAnswerHead,
            // An answer's body is not read; a short one is passed over so that the connection can be used again.
            MaxResponseDrainSize = MostDrained,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            ActivityHeadersPropagator = null,
        }) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <inheritdoc/>
    public async Task<WebhookAnswer> SendAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        var at = _time.GetInstant();
        var start = _time.GetTimestamp();
        using var deadline = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var message = MessageOf(request, at);
            using var response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Answer((int)response.StatusCode, error: null, RetryAfter(response.Headers.RetryAfter, at));
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return Answer(status: null, deadline.IsCancellationRequested ? "timeout" : Word(failure), retryAfter: null);
        }

        WebhookAnswer Answer(int? status, string? error, Duration? retryAfter) => new(status, error, retryAfter, at, Duration.FromTimeSpan(_time.GetElapsedTime(start)));
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static HttpRequestMessage MessageOf(WebhookRequest request, Instant at)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, request.Url) { Content = new ReadOnlyMemoryContent(request.Body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        message.Headers.UserAgent.Add(new ProductInfoHeaderValue("Billing-Webhooks", "1"));
        message.Headers.Add(WebhookSignature.IdHeader, request.Id);
        message.Headers.Add(WebhookSignature.TimestampHeader, at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        message.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Sign(request.Secrets, request.Id, at, request.Body));
        return message;
    }

    private static Duration? RetryAfter(RetryConditionHeaderValue? header, Instant at) => header switch
    {
        { Delta: { } delta } when delta > TimeSpan.Zero => Duration.FromTimeSpan(delta),
        { Date: { } date } when Instant.FromDateTimeOffset(date) > at => Instant.FromDateTimeOffset(date) - at,
        _ => null,
    };

    /// <summary>What is told of a failure: a word for the subscriber's side, and nothing of ours.</summary>
    private static string Word(Exception failure) => failure switch
    {
        HttpRequestException { InnerException: TargetRefusedException } or TargetRefusedException => "refused_target",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "name_unknown",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } or AuthenticationException => "tls_failed",
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError or HttpRequestError.ConfigurationLimitExceeded } => "bad_answer",
        _ => "not_reached",
    };
}
