using System.Text.Json.Nodes;
using Billing.Gateways;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces.Index;
using Microsoft.Extensions.Logging;
using NodaTime;
using Orleans.Placement;

namespace Billing.Grains.Clocks;

/// <summary>
/// A test clock. While it has a target, a plain task beside the turns walks from instant to instant (<see cref="ClockWalk"/>)
/// and stores each before anything is woken at it, so a crash in the middle goes on from there.
/// </summary>
[GrainType("clock")]
[Immovable(ImmovableKind.Rebalancer)]
public sealed class TestClockGrain(
    [PersistentState("clock", "billing")] IPersistentState<Stored<TestClockState>> storage, GrainServices services, IGrainIndex index, IEnumerable<IGatewayOnTestClock> gateways)
    : DurableGrain<TestClockState>(storage, services), ITestClockGrain
{
    private bool _isWalking;
    private bool _isClosed;

    /// <inheritdoc />
    protected override string Kind => "clock";

    /// <inheritdoc />
    public Task<TestClockState> Read() => Task.FromResult(Durable.State);

    /// <inheritdoc />
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _isClosed = true;
        return base.OnDeactivateAsync(reason, cancellationToken);
    }

    /// <inheritdoc />
    protected override Decision<TestClockState> Decide(TestClockState state, Message message, Instant now) => TestClockRules.Decide(state, message, now, Id);

    /// <inheritdoc />
    protected override Instant? DueOf(TestClockState state) => null;

    /// <inheritdoc />
    protected override JsonObject Summarize(TestClockState state) => TestClockRules.Summary(state, Id);

    /// <inheritdoc />
    protected override bool IsBusy(TestClockState state) => state.Target is not null;

    /// <inheritdoc />
    protected override void OnStored()
    {
        if (_isWalking || Durable.State.Target is null) return;
        _isWalking = true;
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Factory.StartNew(WalkAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current);
        }
    }

    private async Task WalkAsync()
    {
        var walk = new ClockWalk(Id, index, gateways, GrainFactory, Services);
        try
        {
            while (!_isClosed && Durable.State is { Now: { } now, Target: { } target })
            {
                try
                {
                    var reached = await walk.StepAsync(now, target);
                    await TellSelf(reached, Services.Time.GetInstant());
                }
                catch (Exception failure)
                {
                    ClockLog.StepFailed(Services.Logs.CreateLogger(typeof(TestClockGrain)), Id, now, failure);
                    await Task.Delay(Services.Options.FirstRetry, Services.Time);
                }
            }
        }
        finally
        {
            _isWalking = false;
        }
    }
}
