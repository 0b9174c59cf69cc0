using System.Net.Http.Headers;
using System.Text.Json;
using NodaTime;

namespace Billing.Stripe;

/// <summary>
/// One request to Stripe's REST API and how far it got. It sends once: whether a request may be made again is a question of
/// money, and is not answered here.
/// </summary>
internal sealed class StripeClient(IHttpClientFactory clients, StripeOptions options, TimeProvider time)
{
    /// <summary>The name of the client that the factory makes.</summary>
    public const string Name = "stripe";

    /// <summary>The version of the API that this was written against; Stripe keeps to it for us.</summary>
    public const string Version = "2024-06-20";

    /// <summary>The most bytes of an answer.</summary>
    public const int LargestAnswer = 4 * 1024 * 1024;

    /// <summary>The most characters that Stripe takes of a key.</summary>
    private const int LongestKey = 255;

    private static readonly Duration LeastWait = Duration.FromSeconds(1);
    private static readonly Duration MostWait = Duration.FromMinutes(5);

    /// <summary>Reads something.</summary>
    public Task<StripeReply> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, null, cancellationToken);

    /// <summary>Does something; once for each key, for as long as Stripe remembers it. Without a key: it is the same done twice.</summary>
    public Task<StripeReply> PostAsync(string path, StripeForm form, string? key, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, form, key, cancellationToken);

    private async Task<StripeReply> SendAsync(HttpMethod method, string path, StripeForm? form, string? key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(options.BaseUrl, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
        request.Headers.Add("Stripe-Version", Version);
        if (key is not null) request.Headers.Add("Idempotency-Key", key.Length <= LongestKey ? key : Ids.Hash(key));
        if (form is not null) request.Content = new FormUrlEncodedContent(form);
        using var bound = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            using var client = clients.CreateClient(Name);
            using var response = await client.SendAsync(request, either.Token).WaitAsync(either.Token);
            return Read(response, await response.Content.ReadAsByteArrayAsync(either.Token));
        }
        catch (HttpRequestException failure) when (failure.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            return new StripeReply(StripeReach.NotReached);
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
        {
            return new StripeReply(StripeReach.Lost);
        }
    }

    private static StripeReply Read(HttpResponseMessage response, byte[] bytes)
    {
        var body = Parse(bytes);
        return (int)response.StatusCode switch
        {
            >= 200 and < 300 => body.ValueKind == JsonValueKind.Object ? new StripeReply(StripeReach.Done, body) : new StripeReply(StripeReach.Lost),
            409 => new StripeReply(StripeReach.InUse, body),
            429 => new StripeReply(StripeReach.TooMany, body, WaitOf(response)),
            401 or 403 => new StripeReply(StripeReach.NotReached, body),
            // A proxy's 404 or 400 without an error of Stripe's says nothing about the object.
            >= 400 and < 500 => body.Child("error").ValueKind == JsonValueKind.Object ? new StripeReply(StripeReach.Refused, body) : new StripeReply(StripeReach.Lost),
            503 => new StripeReply(StripeReach.Lost, body, response.Headers.RetryAfter is null ? null : WaitOf(response)),
            _ => new StripeReply(StripeReach.Lost, body),
        };
    }

    private static Duration WaitOf(HttpResponseMessage response)
    {
        var said = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => Duration.FromTimeSpan(delta),
            { Date: { } date } when response.Headers.Date is { } now => Duration.FromTimeSpan(date - now),
            _ => LeastWait,
        };
        return Duration.Max(LeastWait, Duration.Min(MostWait, said));
    }

    private static JsonElement Parse(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 32 });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
