using System.Text.Json.Nodes;
using Billing.Grains.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;
using Orleans.Placement;

namespace Billing.Grains.Inbox;

/// <summary>A gateway's event that matched nothing. What it decides is in <see cref="InboxRules"/>; it matches outside of its turns.</summary>
[GrainType("inbox")]
[Immovable(ImmovableKind.Rebalancer)]
public sealed class InboxGrain([PersistentState("inbox", "billing")] IPersistentState<Stored<InboxState>> storage, GrainServices services, IGatewayInbox inbox)
    : DurableGrain<InboxState>(storage, services), IInboxGrain
{
    /// <inheritdoc />
    protected override string Kind => "inbox";

    /// <inheritdoc />
    public Task<InboxState> Read() => Task.FromResult(Durable.State);

    /// <inheritdoc />
    protected override Decision<InboxState> Decide(InboxState state, Message message, Instant now) => InboxRules.Decide(state, message, now, Id);

    /// <inheritdoc />
    protected override Instant? DueOf(InboxState state) => state.DueAt;

    /// <inheritdoc />
    protected override JsonObject Summarize(InboxState state) => InboxRules.Summary(state);

    /// <inheritdoc />
    protected override bool NeedsRecovery(InboxState state) => InboxRules.NeedsRecovery(state);

    /// <inheritdoc />
    protected override bool IsFinished(InboxState state) => state.Status != InboxStatus.Waiting;

    /// <inheritdoc />
    protected override async Task<Message> PerformAsync(OutboxEntry entry)
    {
        try
        {
            return await inbox.MatchAsync(Durable.State.Event!);
        }
        catch (Exception failure)
        {
            InboxLog.MatchFailed(Services.Logs.CreateLogger(typeof(InboxGrain)), Key, failure);
            return new EventMatched(Payment: null, "It could not be matched just now.");
        }
    }
}
