using System.Collections.Immutable;
using System.Text.Json;
using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Billing.Silo;

/// <summary>
/// Every policy version, the installation's pauses and its pulls, in memory: read from the index at start and again each second. Versions never change, so what is
/// known stays known when the database does not answer.
/// </summary>
/// <remarks>
/// A process with grains reads them before it joins a cluster: from that moment on it is sent work, and a grain that knew
/// no pause would collect in one.
/// </remarks>
public sealed class PolicyCatalog(IGrainIndex index, TimeProvider time, BillingOptions options, ProcessRole process, ILogger<PolicyCatalog> logger) : BackgroundService, IHostedLifecycleService, IPolicyCatalog
{
    private const int PageSize = 200;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private volatile PolicyBook _book = PolicyBook.Empty;
    private (string Pauses, string Pulls) _facts;
    private ImmutableDictionary<string, int> _read = ImmutableDictionary<string, int>.Empty;

    /// <inheritdoc />
    public PolicyBook Book => _book;

    /// <inheritdoc />
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        // One after the other: a slow reading must not put back what a later one has brought.
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await ReadAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await index.ListAsync(new IndexQuery("policy") { Limit = PageSize, After = after }, cancellationToken);
            foreach (var entry in page.Entries) Take(entry.Summary);
            after = page.Next;
        }
        while (after is not null);
        foreach (var entry in (await index.ListAsync(new IndexQuery("brake"), cancellationToken)).Entries.Where(entry => entry.Key == GrainKeys.Installation)) TakeFacts(entry.Summary);
    }

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => process.Role.HasGrains() ? RefreshAsync(cancellationToken) : Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var trouble = new PassingTrouble("Reading the policies again", time, logger);
        using var timer = new PeriodicTimer(options.PolicyRefresh, time);
        do
        {
            try
            {
                await RefreshAsync(stoppingToken);
                trouble.Works();
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                trouble.Fails(failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Take(JsonElement summary)
    {
        var id = summary.GetProperty("id").GetString()!;
        var version = summary.GetProperty("version").GetInt32();
        lock (_gate)
        {
            if (_read.GetValueOrDefault(id) >= version) return;
            var documents = summary.GetProperty("documents").EnumerateArray().Select(document => Read(document.GetString()!, id));
            _book = _book.With(id, [.. documents]);
            _read = _read.SetItem(id, version);
        }
    }

    private void TakeFacts(JsonElement installation)
    {
        lock (_gate)
        {
            // A row that an older build wrote knows of no pulls.
            var (pauses, pulls) = (installation.GetProperty("pauses"), installation.TryGetProperty("pulls", out var known) ? known : JsonElement.Parse("[]"));
            var facts = (pauses.GetRawText(), pulls.GetRawText());
            if (_facts == facts) return;
            (_book, _facts) = (_book.With(Pauses.Read(pauses)).With(Pulls.Read(pulls)), facts);
        }
    }

    private static Policy Read(string text, string id)
    {
        using var document = JsonDocument.Parse(text);
        return PolicyDocument.Parse(document.RootElement, id).Policy ?? throw new InvalidDataException($"A stored version of policy '{id}' is no longer valid.");
    }
}
