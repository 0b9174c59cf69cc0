using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Billing.Testing.Http;

/// <summary>
/// A patient caller, as every integration should be one: the same call with the same key again, until it is answered.
/// </summary>
/// <remarks>
/// Implementation note: a refused connection, a connection that broke, <c>503</c> and <c>clock_advancing</c>
/// say nothing about the effect. All else is an answer.
/// </remarks>
public sealed class BillingClient : IDisposable
{
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly ConcurrentQueue<string> _unanswered = new();

    public BillingClient(Uri address, string key)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = LongestCall };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>The calls that had to be made again because they were not served: lost, or <c>503</c>.</summary>
    public IReadOnlyCollection<string> Unanswered => _unanswered;

    /// <summary>Makes or changes.</summary>
    public Task<Answer> PutAsync(string path, object body) => RepeatAsync(HttpMethod.Put, path, body, key: null);

    /// <summary>Does, once for each key.</summary>
    public Task<Answer> PostAsync(string path, object body, string key) => RepeatAsync(HttpMethod.Post, path, body, key);

    /// <summary>Does once, and says what the first answer was: <see langword="null"/> where there was none.</summary>
    public Task<Answer?> TryPostAsync(string path, object body, string key) => SendAsync(HttpMethod.Post, path, body, key);

    /// <summary>Reads.</summary>
    public Task<Answer> GetAsync(string path) => RepeatAsync(HttpMethod.Get, path, body: null, key: null);

    /// <summary>Reads every page of a list.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path)
    {
        List<JsonObject> found = [];
        string? after = null;
        do
        {
            var next = after is null ? "" : "&after=" + Uri.EscapeDataString(after);
            var page = await GetAsync($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=200{next}");
            if (!page.IsDone) throw new InvalidOperationException($"GET {path} answered {page}");
            found.AddRange(page.Body["data"]!.AsArray().Select(item => item!.AsObject()));
            after = (string?)page.Body["next"];
        }
        while (after is not null);

        return found;
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private Task<Answer> RepeatAsync(HttpMethod method, string path, object? body, string? key) => Eventually.GetAsync(
        $"{method} {path}",
        async () => await SendAsync(method, path, body, key) is { Status: not 503, Code: not "clock_advancing" } answer ? answer : null);

    private async Task<Answer?> SendAsync(HttpMethod method, string path, object? body, string? key)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null) request.Content = JsonContent.Create(body, body.GetType());
            if (key is not null) request.Headers.Add("Idempotency-Key", key);
            using var response = await _http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            if ((int)response.StatusCode >= 500) _unanswered.Enqueue($"{method} {path}: {(int)response.StatusCode} {text}");
            return new Answer((int)response.StatusCode, text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject());
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException or OperationCanceledException or JsonException)
        {
            _unanswered.Enqueue($"{method} {path}: {lost.Message}");
            return null;
        }
    }
}
