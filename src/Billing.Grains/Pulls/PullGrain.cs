using System.Text.Json.Nodes;
using Billing.Gateways;
using Billing.Grains.Gateways;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces.Index;
using Microsoft.Extensions.Logging;
using NodaTime;
using Orleans.Placement;

namespace Billing.Grains.Pulls;

/// <summary>How often the gateways' books are pulled.</summary>
public sealed class PullOptions
{
    /// <summary>How often a pull of a gateway's books begins. Default 15 min; from 1 s to 1 h.</summary>
    public TimeSpan Every { get; set; } = PullRules.Every.ToTimeSpan();

    /// <summary>What is wrong with it; <see langword="null"/>: nothing.</summary>
    public string? Mistake() => Every < TimeSpan.FromSeconds(1) || Every > TimeSpan.FromHours(1) ? $"Billing:Pull:Every is {Every}; it must be 1 s to 1 h." : null;
}

/// <summary>
/// The pull of one gateway's books. What it decides is in <see cref="PullRules"/>; outside of its turns it reads a page and
/// has each word of it recorded like a webhook's, so what we know already changes nothing.
/// </summary>
[GrainType("pull")]
[Immovable(ImmovableKind.Rebalancer)]
public sealed class PullGrain(
    [PersistentState("pull", "billing")] IPersistentState<Stored<PullState>> storage, GrainServices services, PaymentGateways gateways, IGatewayInbox inbox, IGrainIndex index, PullOptions options)
    : DurableGrain<PullState>(storage, services), IPullGrain
{
    /// <summary>Words about so many charges are recorded at a time; those about one charge one after the other.</summary>
    private const int AtOnce = 16;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);
    private const int Looks = 10;

    /// <inheritdoc />
    protected override string Kind => "pull";

    /// <inheritdoc />
    public Task<PullState> Read() => Task.FromResult(Durable.State);

    /// <inheritdoc />
    protected override Decision<PullState> Decide(PullState state, Message message, Instant now) => PullRules.Decide(state, message, now, Id, Duration.FromTimeSpan(options.Every));

    /// <inheritdoc />
    protected override Instant? DueOf(PullState state) => PullRules.Due(state);

    /// <inheritdoc />
    protected override JsonObject Summarize(PullState state) => PullRules.Summary(state, Id);

    /// <inheritdoc />
    protected override async Task<Message> PerformAsync(OutboxEntry entry)
    {
        try
        {
            return entry.Message is PullPage page ? await PullAsync(page, entry.StoredAt) : await SettleAsync(((SettlePull)entry.Message).RecordedBy);
        }
        catch (Exception failure)
        {
            PullLog.Failed(Services.Logs.CreateLogger(typeof(PullGrain)), Id, failure);
            return new PullFailed(failure switch
            {
                HttpRequestException unreached => unreached.Message,
                OperationCanceledException or TimeoutException => "it did not answer in time",
                _ => "what it said could not be recorded; the log says why",
            });
        }
    }

    private async Task<Message> PullAsync(PullPage page, Instant since)
    {
        if (gateways.Find(Id) is not { } at) return new PullFailed("there is no such gateway in the configuration");
        GatewayPage read;
        using (var turn = await at.Line.EnterAsync(Lane.GoOn, since, Services.Time.GetInstant() + PaymentSchedule.SendWithin))
        {
            if (!turn.HasCome) return new PullFailed("its turn at the gateway did not come");
            using var bound = new CancellationTokenSource(Services.Options.GatewayBound, Services.Time);
            read = await at.Gateway.ListAsync(page.Since, clock: null, page.Cursor, bound.Token).WaitAsync(bound.Token);
        }

        foreach (var charges in read.Events.GroupBy(told => told.Object, StringComparer.Ordinal).Chunk(AtOnce)) await Task.WhenAll(charges.Select(TakeAsync));
        return new PagePulled(read.Next, read.Events.Length);
    }

    private async Task TakeAsync(IEnumerable<GatewayEvent> words)
    {
        foreach (var told in words) await inbox.TakeAsync(told);
    }

    /// <summary>A payment that has recorded money tells its account through its outbox. A deletion must not come in between.</summary>
    private async Task<Message> SettleAsync(Instant recordedBy)
    {
        for (var look = 0; look < Looks; look++)
        {
            if (!await index.AnyPendingAsync("payment", recordedBy)) return new PullSettled(IsQuiet: true);
            await Task.Delay(s_look, Services.Time);
        }

        return new PullSettled(IsQuiet: false);
    }
}

/// <summary>What a pull logs.</summary>
internal static partial class PullLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The books of {Gateway} could not be pulled; it is tried again.")]
    public static partial void Failed(ILogger logger, string gateway, Exception failure);
}
