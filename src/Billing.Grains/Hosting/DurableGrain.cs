using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Billing.Grains.Hosting;

/// <summary>
/// The pattern of every grain: load facts, ask the rules, store the new facts with messages and events in one write,
/// answer, and only then let the messages go. Grains do; they decide nothing.
/// </summary>
/// <remarks>
/// Implementation note: only <see cref="WriteAsync"/> writes, once a command. A failed write has an unknown outcome and
/// leaves a memory that may be wrong, so it ends the activation; the next one reads what is true.
/// </remarks>
/// <typeparam name="TState">The state of the rules.</typeparam>
public abstract class DurableGrain<TState>(IPersistentState<Stored<TState>> storage, GrainServices services) : Grain, IDurableGrain, IRemindable, IGrainMigrationParticipant
    where TState : class, new()
{
    private const string WriteFailed = "write_failed";

    private static readonly TimeSpan LongestTimer = TimeSpan.FromHours(1);

    private readonly Dictionary<long, Message> _results = [];
    private readonly HashSet<string> _closedSenders = new(StringComparer.Ordinal);
    private Outbox _outbox = null!;
    private IGrainTimer? _timer;
    private Instant? _scheduledFor;
    private bool _hasFailed;
    private bool _comesFromFailure;

    /// <summary>What the last acknowledged write holds. Interleaving readers see this and never a state on its way.</summary>
    protected Stored<TState> Durable { get; private set; } = new();

    /// <summary>What every grain needs from its process.</summary>
    protected GrainServices Services { get; } = services;

    /// <summary>The grain's key.</summary>
    protected string Key => this.GetPrimaryKeyString();

    /// <summary>The id in the key.</summary>
    protected string Id => GrainKeys.Id(Key);

    /// <summary>What the index calls it.</summary>
    protected abstract string Kind { get; }

    /// <summary>Asks the rules.</summary>
    protected abstract Decision<TState> Decide(TState state, Message message, Instant now);

    /// <summary>The earliest deadline of a state.</summary>
    protected abstract Instant? DueOf(TState state);

    /// <summary>What lists and reports see of a state.</summary>
    protected abstract JsonObject Summarize(TState state);

    /// <summary>The test clock that a state lives on.</summary>
    protected virtual string? ClockOf(TState state) => null;

    /// <summary>Whether a state has work under way that is not in the outbox.</summary>
    protected virtual bool IsBusy(TState state) => false;

    /// <summary>Whether a new activation has to decide about what the one before left under way.</summary>
    protected virtual bool NeedsRecovery(TState state) => false;

    /// <summary>Whether the deadline of a state is worth a durable reminder; one without is found by index.</summary>
    protected virtual bool NeedsReminder(TState state) => true;

    /// <summary>Whether a state has nothing more to say unless it is told something new.</summary>
    protected virtual bool IsFinished(TState state) => false;

    /// <summary>Sends an entry to whoever is no grain, and tells what came of it.</summary>
    protected virtual Task<Message> PerformAsync(OutboxEntry entry) => throw new InvalidOperationException($"{Kind} sends nothing to '{entry.To}'.");

    /// <summary>Whether it has to know a message that it has taken before. Without that it keeps nothing of its senders, however many there are.</summary>
    protected virtual bool RemembersSenders => true;

    /// <summary>What must be in memory before the rules are asked.</summary>
    protected virtual Task PrepareAsync(Message message) => Task.CompletedTask;

    /// <summary>Something was stored.</summary>
    protected virtual void OnStored()
    {
    }

    /// <inheritdoc />
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var logger = Services.Logs.CreateLogger(GetType());
        _outbox = new Outbox(() => Durable.Outbox, SendAsync, DrainedAsync, () => GrainFactory.ByKey(Key).Trim(), Services, Key, logger);
        // An activation that the engine gives up, because it took too long, is not told when it ends.
        cancellationToken.Register(Leave);
        if (_comesFromFailure) await storage.ReadStateAsync();
        if (storage.RecordExists) Durable = storage.State;
        _outbox.Doubt(Durable.Outbox);
        await RecoverAsync();
        _outbox.Start();
        Schedule();
        OnStored();
    }

    /// <inheritdoc />
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Leave();
        return Task.CompletedTask;
    }

    /// <summary>The engine takes along the state that was on its way. After a failed write nobody knows whether it is true: that is read again there.</summary>
    public void OnDehydrate(IDehydrationContext dehydrationContext) => dehydrationContext.TryAddValue(WriteFailed, _hasFailed);

    /// <inheritdoc />
    public void OnRehydrate(IRehydrationContext rehydrationContext) => _comesFromFailure = rehydrationContext.TryGetValue<bool>(WriteFailed, out var hasFailed) && hasFailed;

    /// <inheritdoc />
    public async Task<Reply> Execute(Call call)
    {
        var reply = await HandleAsync(call.Message, call.At, call.By);
        BillingMeter.Commanded(Kind, reply);
        Services.Crash.Pass(CrashPoint.BeforeReply);
        return reply;
    }

    /// <inheritdoc />
    public async Task Deliver(Delivery delivery)
    {
        // A sender's messages come in order; at or below its last number it is one that was taken already.
        if (Durable.Inbox.TryGetValue(delivery.From, out var last) && delivery.Number <= last) return;
        _closedSenders.Remove(delivery.From);
        await HandleAsync(delivery.Message, delivery.At, delivery.By, RemembersSenders ? Durable.Inbox.SetItem(delivery.From, delivery.Number) : Durable.Inbox.Clear());
        Services.Crash.Pass(CrashPoint.BeforeReply);
    }

    /// <inheritdoc />
    public Task Close(string sender)
    {
        // Its number leaves with the next write; a write for it alone would cost more than the number does.
        _closedSenders.Add(sender);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task WakeUp(Call call)
    {
        // Real time does not count on a test clock; there only the clock says what is due.
        if (Durable.Due <= call.At) await HandleAsync(call.Message, call.At);
    }

    /// <inheritdoc />
    public Task Poke() => Task.CompletedTask;

    /// <inheritdoc />
    public async Task Conclude(Conclusion conclusion)
    {
        if (Durable.Outbox.FirstOrDefault(entry => entry.Number == conclusion.Entry) is not { } asked) return;
        _outbox.Conclude(conclusion.Entry);
        try
        {
            await HandleAsync(conclusion.Message, conclusion.At, asked.By);
        }
        catch
        {
            // It is told again: what no write holds has not been taken.
            _outbox.Reopen(conclusion.Entry);
            throw;
        }
    }

    /// <inheritdoc />
    public Task Trim() => _outbox.HasDone || _outbox.HasNews ? WriteAsync(Durable with { Events = [] }) : Task.CompletedTask;

    /// <inheritdoc />
    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (Durable.Due is null || Durable.Clock is not null || !NeedsReminder(Durable.State)) await ForgetReminderAsync();
        if (Durable.Clock is null) await WakeUp(new Call(new Wake(), Services.Time.GetInstant()));
    }

    /// <summary>One message: decide, one write, then let everything go.</summary>
    private async Task<Reply> HandleAsync(Message message, Instant at, By? by = null, ImmutableSortedDictionary<string, long>? inbox = null)
    {
        var before = Durable;
        var now = Instant.Max(before.At, at);
        await PrepareAsync(message);
        var decision = Decide(before.State, message, now);
        if (decision.ChangesNothing(before.State) && inbox is null && message is not Reconsider && !IsConcluding(before) && !IsPutOff(before, message)) return decision.Reply;

        var realNow = Services.Time.GetInstant();
        var sent = before.Sent;
        Services.Crash.Pass(CrashPoint.BeforeWrite);
        await WriteAsync(before with
        {
            Kind = Kind,
            At = now,
            Due = DueOf(decision.State),
            Clock = ClockOf(decision.State),
            Summary = Summarize(decision.State),
            Events = Signed(decision.Events, by, at),
            State = decision.State,
            Outbox = before.Outbox.AddRange(decision.Messages.Select(outgoing => new OutboxEntry(++sent, outgoing.To, outgoing.Message, now, realNow, By: by))),
            Sent = sent,
            Inbox = (inbox ?? before.Inbox).RemoveRange(_closedSenders),
        });
        _closedSenders.Clear();
        Services.Crash.Pass(CrashPoint.AfterWrite);
        return decision.Reply;
    }

    /// <summary>What a call led to names who made it; a step of time that was only passed on the way does not.</summary>
    private static ImmutableArray<Event> Signed(ImmutableArray<Event> events, By? by, Instant at) =>
        by is null ? events : [.. events.Select(@event => @event.EffectiveAt >= at ? by.Sign(@event) : @event)];

    /// <summary>Sends a message to this very grain, as a request of its own; what is under way now ends first.</summary>
    protected Task<Reply> TellSelf(Message message, Instant at) => GrainFactory.ByKey(Key).Execute(new Call(message, at));

    /// <summary>What was on its way to a gateway is never sent again: it may have arrived. The rules decide what that means.</summary>
    private async Task RecoverAsync()
    {
        var lost = Durable.Outbox.RemoveAll(entry => entry.To != Outgoing.Gateway);
        foreach (var entry in lost) _outbox.Conclude(entry.Number);
        if (!lost.IsEmpty || NeedsRecovery(Durable.State)) await HandleAsync(new Recover(Durable.Clock is null && !lost.IsEmpty ? lost.Max(entry => entry.StoredAt) : null), Durable.At);
    }

    private bool IsConcluding(Stored<TState> stored) => stored.Outbox.Any(entry => _outbox.IsDone(entry) && entry.To is Outgoing.Gateway or Outgoing.Notices);

    /// <summary>What was due has been put off by something that is no fact of this grain: it must not stay due, or it would be woken for ever.</summary>
    private bool IsPutOff(Stored<TState> before, Message message) => message is Wake && DueOf(before.State) != before.Due;

    private async Task WriteAsync(Stored<TState> next)
    {
        var outbox = _outbox.Note(next.Outbox.RemoveAll(_outbox.IsDone));
        // A test clock does not wait for what is on the list of what needs a human.
        var isOpen = IsBusy(next.State) || (next.Clock is null ? !outbox.IsEmpty : StuckMessages.Waits(outbox));
        next = next with
        {
            Outbox = outbox,
            Summary = StuckMessages.Show(next.Summary, outbox),
            PendingSince = isOpen ? Durable.PendingSince ?? Services.Time.GetInstant() : null,
        };
        var started = Services.Time.GetTimestamp();
        try
        {
            storage.State = next;
            await storage.WriteStateAsync();
            BillingMeter.Written(Kind, Services.Time.GetElapsedTime(started), isStored: true);
        }
        catch
        {
            BillingMeter.Written(Kind, Services.Time.GetElapsedTime(started), isStored: false);
            _hasFailed = true;
            Leave();
            DeactivateOnIdle();
            throw;
        }

        Durable = next;
        _outbox.Stored(outbox);
        _outbox.Start();
        Schedule();
        OnStored();
    }

    /// <summary>This activation has nothing to say any more; another one may have written.</summary>
    protected virtual void OnLeaving()
    {
    }

    private void Leave()
    {
        _outbox.Close();
        OnLeaving();
    }

    private async Task SendAsync(OutboxEntry entry)
    {
        if (entry.To is Outgoing.Gateway or Outgoing.Notices)
        {
            // Done once, told until it is taken: a gateway must not be called again because our own turn was slow.
            if (!_results.TryGetValue(entry.Number, out var result))
            {
                var started = Services.Time.GetTimestamp();
                _results[entry.Number] = result = await PerformAsync(entry);
                BillingMeter.Performed(entry.To, entry.Message, result, Services.Time.GetElapsedTime(started));
            }

            await GrainFactory.ByKey(Key).Conclude(new Conclusion(entry.Number, result, OwnNow));
            _results.Remove(entry.Number);
            return;
        }

        await GrainFactory.ByKey(entry.To).Deliver(new Delivery(Key, entry.Number, entry.Message, entry.At, entry.By)).WaitAsync(Services.Options.Bound, Services.Time);
    }

    private Instant OwnNow => Durable.Clock is null ? Services.Time.GetInstant() : Durable.At;

    private async Task DrainedAsync()
    {
        if (Durable.Clock is null && !IsBusy(Durable.State)) await Task.Delay(Services.Options.TrimAfter, Services.Time);
        if (_outbox.HasDone) await GrainFactory.ByKey(Key).Trim();
        if (!Durable.Outbox.IsEmpty || !IsFinished(Durable.State)) return;

        // Only a receiver to which everything went at the first try is told to forget us: no copy can still be on its way.
        foreach (var receiver in _outbox.TakeCertain().Where(to => to is not (Outgoing.Gateway or Outgoing.Notices))) await GrainFactory.ByKey(receiver).Close(Key);
    }

    /// <summary>
    /// A deadline in real time: a timer while the activation lives, and a reminder that survives it. Both only wake; neither
    /// is believed.
    /// </summary>
    private void Schedule()
    {
        if (_outbox.IsClosed || !Services.Options.WakeUps || Durable.Clock is not null || Durable.Due == _scheduledFor) return;
        _timer?.Dispose();
        _scheduledFor = Durable.Due;
        if (Durable.Due is not { } due) return;
        var wait = Wait(due);
        _timer = this.RegisterGrainTimer(OnTimer, new GrainTimerCreationOptions(wait < LongestTimer ? wait : LongestTimer, LongestTimer));
        if (wait > Services.Options.Bound && NeedsReminder(Durable.State)) RemindAt(wait);
    }

    private async Task OnTimer(CancellationToken cancellationToken)
    {
        _scheduledFor = null;
        await WakeUp(new Call(new Wake(), Services.Time.GetInstant()));
        Schedule();
    }

    private TimeSpan Wait(Instant due)
    {
        var wait = (due - Services.Time.GetInstant()).ToTimeSpan();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private void RemindAt(TimeSpan wait)
    {
        _ = RemindAsync();

        // The reminder table is remote: registering is no part of the turn, and a failure is covered by the sweepers.
        async Task RemindAsync()
        {
            try
            {
                await this.RegisterOrUpdateReminder(ReminderNames.Due, wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1), LongestTimer);
            }
            catch (Exception failure)
            {
                HostingLog.ReminderFailed(Services.Logs.CreateLogger(GetType()), Key, failure);
            }
        }
    }

    private async Task ForgetReminderAsync()
    {
        if (await this.GetReminder(ReminderNames.Due) is { } reminder) await this.UnregisterReminder(reminder);
    }
}

/// <summary>What the pattern logs.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Grain}: its reminder could not be registered; the sweepers will find it when it is due.")]
    public static partial void ReminderFailed(ILogger logger, string grain, Exception failure);
}
