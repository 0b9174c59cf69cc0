using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Billing.Cluster.Tests.Processes;

namespace Billing.Cluster.Tests.Loads;

/// <summary>
/// Asks the gate for every account again and again, each account by a caller of its own, and keeps for each how long it
/// was without an answer.
/// </summary>
internal sealed class GateLoad : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _asking;
    private readonly ConcurrentQueue<string> _refused = new();
    private readonly ConcurrentQueue<string> _unclean = new();
    private readonly ConcurrentDictionary<string, TimeSpan> _longest = new(StringComparer.Ordinal);
    private int _answers;

    /// <summary>Starts to ask.</summary>
    public GateLoad(Uri address, IReadOnlyCollection<string> accounts)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = LongestCall };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningCluster.AdminKey);
        _asking = Task.WhenAll(accounts.Select(AskAsync));
    }

    /// <summary>How many answers there were.</summary>
    public int Answers => _answers;

    /// <summary>Every call that was not answered by the gate.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    /// <summary>What no caller has to expect: neither an answer nor a <c>503</c> that says when to come again.</summary>
    public IReadOnlyCollection<string> Unclean => _unclean;

    /// <summary>The longest that an account was without an answer, from the asking of the first call that failed or hung to the answer that came at last.</summary>
    public TimeSpan LongestUnavailable => _longest.IsEmpty ? TimeSpan.Zero : _longest.Values.Max();

    /// <summary>The accounts that were without an answer for longest.</summary>
    public string Worst => string.Join(", ", _longest.OrderByDescending(account => account.Value).Take(5).Select(account => $"{account.Key} {account.Value.TotalSeconds:0.00} s"));

    /// <summary>Asks no more; every account has had its last answer.</summary>
    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _asking;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        _end.Dispose();
    }

    private async Task AskAsync(string account)
    {
        var path = new Uri($"/v1/accounts/{account}/gate?operation=purchase", UriKind.Relative);
        long? without = null;
        var failures = 0;
        while (!_end.IsCancellationRequested || without is not null)
        {
            var asked = Stopwatch.GetTimestamp();
            without ??= asked;
            if (await IsAnsweredAsync(path))
            {
                var gap = Stopwatch.GetElapsedTime(without.Value);
                _longest.AddOrUpdate(account, gap, (_, longest) => gap > longest ? gap : longest);
                (without, failures) = (null, 0);
                Interlocked.Increment(ref _answers);
            }
            else if (++failures > 1000)
            {
                throw new TimeoutException($"{account} never answered again.");
            }

            await Task.Delay(Pause);
        }
    }

    private async Task<bool> IsAnsweredAsync(Uri path)
    {
        try
        {
            using var response = await _http.GetAsync(path);
            if (response.IsSuccessStatusCode) return true;
            var text = await response.Content.ReadAsStringAsync();
            var what = $"{path}: {(int)response.StatusCode} {text}";
            _refused.Enqueue(what);
            var isClean = (int)response.StatusCode == 503 && response.Headers.RetryAfter is not null && (string?)JsonNode.Parse(text)?["code"] == "unavailable";
            if (!isClean) _unclean.Enqueue(what);
            return false;
        }
        catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException)
        {
            _refused.Enqueue($"{path}: {lost.Message}");
            _unclean.Enqueue($"{path}: {lost.Message}");
            return false;
        }
    }
}
