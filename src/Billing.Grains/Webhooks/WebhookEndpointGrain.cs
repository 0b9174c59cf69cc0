using System.Text.Json.Nodes;
using Billing.Grains.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;
using Orleans.Placement;

namespace Billing.Grains.Webhooks;

/// <summary>
/// A subscriber. What it decides is in <see cref="WebhookRules"/>; what it has decided to send, a <see cref="DeliveryLoop"/> beside the
/// turns sends, and tells what came of it. So only the process that has the activation sends.
/// </summary>
[GrainType("webhook_endpoint")]
[Immovable(ImmovableKind.Rebalancer)]
public sealed class WebhookEndpointGrain(
    [PersistentState("webhook_endpoint", "billing")] IPersistentState<Stored<WebhookState>> storage, GrainServices services, WebhookPorts ports)
    : DurableGrain<WebhookState>(storage, services), IWebhookEndpointGrain
{
    private DeliveryLoop? _loop;

    /// <inheritdoc />
    protected override string Kind => "webhook_endpoint";

    /// <inheritdoc />
    public Task<WebhookState> Read() => Task.FromResult(Durable.State);

    /// <inheritdoc />
    public Task Nudge(NudgeCall call)
    {
        _loop?.Nudge(call.Head);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_loop is not null) await _loop.CloseAsync();
        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    /// <inheritdoc />
    protected override Decision<WebhookState> Decide(WebhookState state, Message message, Instant now) => WebhookRules.Decide(state, message, now, Id, ports.Schedule);

    /// <inheritdoc />
    protected override Instant? DueOf(WebhookState state) => WebhookRules.Due(state);

    /// <inheritdoc />
    protected override JsonObject Summarize(WebhookState state) => WebhookRules.Summary(state, Id);

    /// <inheritdoc />
    protected override bool NeedsReminder(WebhookState state) => WebhookRules.NeedsReminder(state);

    /// <inheritdoc />
    protected override void OnStored()
    {
        if (Durable.State.Url is null) return;
        if (_loop is null)
        {
            _loop = new DeliveryLoop(Id, () => Durable.State, TellAsync, ports, Services);
            using (ExecutionContext.SuppressFlow())
            {
                _ = Task.Factory.StartNew(_loop.RunAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current);
            }
        }

        _loop.Wake();
    }

    private Task TellAsync(WebhookProgress progress) => TellSelf(progress, Services.Time.GetInstant());
}
