using Billing.Gateways;
using Billing.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Npgsql;

namespace Billing.Sandbox.Tests;

/// <summary>A sandbox on a storage, with time and the webhook's far side in the test's hands. One contract, two storages.</summary>
public abstract class SandboxContract : IAsyncLifetime
{
    protected const string Clock = "clock-1";
    protected const string Secret = "a secret of the sandbox's webhook";
    protected static readonly Instant Start = Instant.FromUtc(2026, 3, 1, 12, 0);
    protected static readonly Currency Usd = Currency.Parse("USD");

    private readonly List<SandboxDatabase> _databases = [];
    private SandboxWake _wake = null!;

    protected ManualTime Time { get; } = new();

    protected Receiver Receiver { get; } = new();

    protected SandboxGateway Gateway { get; private set; } = null!;

    protected SandboxService Service { get; private set; } = null!;

    internal ISandboxLedger Ledger { get; private set; } = null!;

    internal ISandboxOutbox Outbox { get; private set; } = null!;

    protected Uri? WebhookUrl { get; set; } = new("http://sandbox.test/v1/webhooks/sandbox");

    public async Task InitializeAsync()
    {
        if (this is INeedsPostgres) await EmptyAsync();
        await OpenAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var database in _databases) await database.DisposeAsync();
        Receiver.Dispose();
    }

    /// <summary>What a process does at its start: memory is what it was, for its sender alone starts anew.</summary>
    protected async Task OpenAsync()
    {
        if (this is INeedsPostgres)
        {
            var database = new SandboxDatabase(new SandboxOptions { ConnectionString = await ConnectionStringAsync(), MaxConnections = 16 });
            _databases.Add(database);
            (Ledger, Outbox) = (new PostgresLedger(database), new PostgresOutbox(database));
        }
        else if (Ledger is null)
        {
            var memory = new MemorySandbox();
            (Ledger, Outbox) = (memory, memory);
        }

        _wake = new SandboxWake();
        Gateway = new SandboxGateway(Ledger, Outbox, _wake, Time);
        Service = new SandboxService(Ledger, _wake, Time);
    }

    internal SandboxWebhookSender NewSender() => new(
        Outbox, _wake, new SandboxOptions { WebhookSecret = Secret, WebhookUrl = () => WebhookUrl }, Receiver, Time, NullLogger<SandboxWebhookSender>.Instance);

    internal SandboxSettlements NewSettlements() => new(Gateway, Time, NullLogger<SandboxSettlements>.Instance);

    protected static ChargeRequest Request(
        string key, string token = "tok", long amount = 2000, string account = "A1", string? clock = Clock, Instant? at = null, bool byHand = false,
        MethodKind kind = MethodKind.Card, Instant? expiresAt = null) =>
        new(key, "pay-" + key, account, new Money(amount, Usd), token, kind, clock, at ?? Start, byHand, Test: true, expiresAt);

    protected async Task ScriptAsync(string token, params string[] script) => Assert.Null((await Service.PutMethodAsync(token, script)).Refusal);

    /// <summary>Charges with a key, a token of its own, and one outcome.</summary>
    protected async Task<ChargeAnswer> PlayAsync(string key, string outcome, bool byHand = false, string? clock = Clock, MethodKind kind = MethodKind.Card, Instant? expiresAt = null)
    {
        await ScriptAsync("tok-" + key, outcome);
        return await ChargeAsync(Request(key, "tok-" + key, byHand: byHand, clock: clock, kind: kind, expiresAt: expiresAt));
    }

    protected Task<ChargeAnswer> ChargeAsync(ChargeRequest request) => Gateway.CreateAsync(request, CancellationToken.None);

    protected Task<ChargeAnswer> ReadAsync(ChargeRequest request) => Gateway.ReadAsync(request, CancellationToken.None);

    protected Task<ChargeAnswer> CancelAsync(ChargeRequest request) => Gateway.CancelAsync(request, CancellationToken.None);

    protected Task AdvanceAsync(Instant to) => Gateway.AdvanceAsync(Clock, to, CancellationToken.None);

    /// <summary>Everything that is to be told, told; the events, in order.</summary>
    protected async Task<SandboxEvent[]> ToldAsync()
    {
        await NewSender().SendDueAsync(CancellationToken.None);
        return [.. Receiver.Deliveries.Select(delivery => delivery.Event)];
    }

    protected async Task<SandboxCharge[]> LedgerAsync(string? account = null) => [.. (await Service.ListChargesAsync(account, limit: 200)).Value!.Data];

    protected Task<bool> IsQuietAsync() => Gateway.IsQuietAsync(Clock, CancellationToken.None);

    private Task<string> ConnectionStringAsync() => PostgresCluster.CreateEmptyDatabaseAsync(GetType().Name);

    private async Task EmptyAsync()
    {
        await using var database = new SandboxDatabase(new SandboxOptions { ConnectionString = await ConnectionStringAsync() });
        await new SandboxSchema(database).ApplyAsync(CancellationToken.None);
        await using var command = database.Source.CreateCommand("truncate sandbox.methods, sandbox.charges, sandbox.events, sandbox.refunds");
        await command.ExecuteNonQueryAsync();
    }
}
