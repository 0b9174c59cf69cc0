using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.Grains.Hosting;
using NodaTime;

namespace Billing.Grains.Accounts;

/// <summary>An account: the authority for its money. What it decides is in <see cref="AccountRules"/>.</summary>
[GrainType("account")]
public sealed class AccountGrain([PersistentState("account", "billing")] IPersistentState<Stored<AccountState>> storage, GrainServices services, INoticeSender notices, LocalAccounts local)
    : DurableGrain<AccountState>(storage, services), IAccountGrain
{
    private readonly CancellationTokenSource _closing = new();
    private GateView? _view;

    /// <inheritdoc />
    protected override string Kind => "account";

    /// <inheritdoc />
    public async Task<GateResult> Check(GateCall call)
    {
        var result = await AnswerAsync(call);
        BillingMeter.Decided(result.Answer?.Allowed);
        return result with { Silo = local.Silo };
    }

    /// <summary>Answers on the caller's thread; <see langword="null"/> where the facts that the caller knows are not here.</summary>
    internal GateResult? TryCheck(GateCall call)
    {
        var durable = Durable;
        if (durable.State.Version < call.MinVersion) return null;
        var result = Answer(durable, call);
        BillingMeter.Decided(result.Answer?.Allowed);
        return result;
    }

    private async Task<GateResult> AnswerAsync(GateCall call)
    {
        var durable = Durable;
        if (durable.State.Version < call.MinVersion)
        {
            // Another activation may have written what the caller saw; then this one is a stale leftover and goes.
            durable = await ReadAgainAsync() ?? durable;
            if (durable.State.Version < call.MinVersion) return new GateResult(null, new Refused(Problems.Unavailable, $"Facts up to version {call.MinVersion} are not here yet."));
            DeactivateOnIdle();
        }

        return Answer(durable, call);
    }

    private GateResult Answer(Stored<AccountState> durable, GateCall call)
    {
        if (durable.State.Profile is null) return new GateResult(null, new Refused(Problems.NotFound, "There is no such account."));
        var policies = Services.Policies.Book;
        return policies.KnowsOperation(call.Question.Operation)
            ? new GateResult(Gate.Decide(View(durable.State, policies), call.Question, Instant.Max(call.At, durable.At)))
            : new GateResult(null, new Refused(Problems.OperationUnknown, $"Nobody knows the operation '{call.Question.Operation}'."));
    }

    /// <inheritdoc />
    public Task<AccountReading> Read(ReadCall call) =>
        Task.FromResult(new AccountReading(AccountView.Of(Durable.State, Services.Policies.Book, Instant.Max(call.At, Durable.At))));

    /// <inheritdoc />
    public Task<ForecastReading> Forecast(ReadCall call) =>
        Task.FromResult(new ForecastReading(Domain.Forecast.Of(Durable.State, Services.Policies.Book, Instant.Max(call.At, Durable.At))));

    /// <inheritdoc />
    public Task<ExplanationReading> Explain(ReadCall call) =>
        Task.FromResult(new ExplanationReading(Explaining.Of(Durable.State, Services.Policies.Book, Instant.Max(call.At, Durable.At))));

    /// <inheritdoc />
    public Task<PreviewReading> Preview(PreviewCall call)
    {
        var policy = PolicyDocument.Parse(JsonElement.Parse(call.Document), call.Policy).Policy ?? throw new ArgumentException("The document is not valid.", nameof(call));
        return Task.FromResult(new PreviewReading(PolicyPreview.Of(Durable.State, Services.Policies.Book, policy, Instant.Max(call.At, Durable.At), call.Steps)));
    }

    /// <inheritdoc />
    public Task<PayPageReading> PayPage(PayPageCall call) =>
        Task.FromResult(new PayPageReading(Domain.PayPage.Of(Durable.State, Services.Policies.Book, call.Hash, Instant.Max(call.At, Durable.At))));

    /// <inheritdoc />
    protected override Decision<AccountState> Decide(AccountState state, Message message, Instant now) => AccountRules.Decide(state, message, now, Services.Policies.Book);

    /// <inheritdoc />
    protected override Instant? DueOf(AccountState state) => AccountRules.Due(state, Services.Policies.Book);

    /// <inheritdoc />
    protected override JsonObject Summarize(AccountState state) => AccountRules.Summary(state, Services.Policies.Book);

    /// <inheritdoc />
    protected override bool NeedsReminder(AccountState state) => AccountRules.NeedsReminder(state, Services.Policies.Book);

    /// <inheritdoc />
    protected override string? ClockOf(AccountState state) => state.Profile?.TestClock;

    /// <inheritdoc />
    protected override async Task PrepareAsync(Message message)
    {
        var book = Services.Policies.Book;
        var asked = message is PutAccount put ? put.Fields.Policy : null;
        if (asked is not null && !book.Knows(asked) || !AccountPolicies.AreIn(book, Durable.State)) await Services.Policies.RefreshAsync(CancellationToken.None);
    }

    /// <inheritdoc />
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        local.Add(Id, this);
        // Given up meanwhile, it has left before it came.
        if (cancellationToken.IsCancellationRequested) OnLeaving();
    }

    /// <inheritdoc />
    protected override void OnLeaving() => local.Remove(Id, this);

    /// <inheritdoc />
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // What still waits for its turn at the relay is the next activation's.
        _closing.Cancel();
        return base.OnDeactivateAsync(reason, cancellationToken);
    }

    /// <summary>Sends a notice. A relay has its own patience, so the bound of deliveries does not hold here; no turn waits for it.</summary>
    protected override async Task<Message> PerformAsync(OutboxEntry entry)
    {
        var notice = (SendNotice)entry.Message;
        var outcome = await notices.SendAsync(new NoticeDelivery(notice, Durable.State.Existing), _closing.Token);
        if (outcome.AcceptedAt is not { } at) return new NoticeRefused(notice.Id, notice.Notice, outcome.Code);
        return new NoticeAccepted(notice.Id, notice.Notice, Durable.Clock is null ? at : entry.At, notice.Sending);
    }

    /// <summary>The view that the last question was answered from, as long as neither facts nor policies have changed since.</summary>
    private GateView View(AccountState account, PolicyBook policies) => _view is { } view && view.IsOf(account, policies) ? view : _view = new GateView(account, policies);

    private async Task<Stored<AccountState>?> ReadAgainAsync() =>
        await Services.Reader.ReadAsync("account", Key, CancellationToken.None) is { } payload
            ? StoredPayload.Read<Stored<AccountState>>(payload.Span)
            : null;
}
