using System.Collections.Immutable;
using Billing.Gateways;
using NodaTime;

namespace Billing.Sandbox;

/// <summary>Ledger and outbox in memory, for a service that runs without PostgreSQL. One lock stands for the transactions.</summary>
internal sealed class MemorySandbox : ISandboxLedger, ISandboxOutbox
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Method> _methods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private readonly List<Row> _inOrder = [];
    private readonly List<(string? Clock, ListedRefund Refund)> _refundList = [];
    private readonly HashSet<Row> _dueRows = [];
    private readonly Dictionary<string, SandboxRefund> _refunds = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, Told> _events = [];
    private long _lastEvent;

    /// <inheritdoc />
    public Task<SandboxMethod> PutMethodAsync(MethodChange change, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var method = _methods.GetValueOrDefault(change.Token) ?? new Method();
            _methods[change.Token] = method;
            if (change.Script is { } script) (method.Script, method.Taken) = (script, 0);
            method.Fingerprint = Changed(method.Fingerprint, change.Fingerprint);
            method.Network = Changed(method.Network, change.Network);
            method.Funding = Changed(method.Funding, change.Funding);
            return Task.FromResult(method.As(change.Token));
        }
    }

    /// <inheritdoc />
    public Task<SandboxMethod?> FindMethodAsync(string token, CancellationToken cancellationToken)
    {
        lock (_lock) return Task.FromResult(_methods.GetValueOrDefault(token)?.As(token));
    }

    /// <inheritdoc />
    public Task<LedgerAnswer> ChargeAsync(ChargeRequest request, Instant now, CancellationToken cancellationToken)
    {
        var content = ChargeRules.ContentOf(request);
        lock (_lock)
        {
            if (_rows.TryGetValue(ChargeRules.IdOf(request.Key), out var known))
            {
                return Task.FromResult(new LedgerAnswer(null, known.Charge, known.Charge is null, known.Charge is null || known.Content == content));
            }

            var step = _methods.GetValueOrDefault(request.Token)?.Take() ?? ScriptStep.Ok;
            if (ChargeRules.Make(request, step) is not { } charge) return Task.FromResult(new LedgerAnswer(step.Outcome, null, Closed: false, SameContent: true));
            Add(charge.Id, charge, content);
            if (step.Event is { } type)
            {
                Tell(new OutboxEvent(
                    ChargeRules.EventId(charge.Id, 1), type, charge.Id, charge.Clock, charge.Status, charge.Code, charge.Amount, charge.CreatedAt,
                    ChargeRules.Micros(now)));
            }

            return Task.FromResult(new LedgerAnswer(step.Outcome, charge, Closed: false, SameContent: true));
        }
    }

    /// <inheritdoc />
    public Task<SandboxCharge?> ReadOrCloseAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        var id = ChargeRules.IdOf(request.Key);
        lock (_lock)
        {
            if (!_rows.TryGetValue(id, out var row)) row = Add(id, null, ChargeRules.ContentOf(request));
            return Task.FromResult(row.Charge);
        }
    }

    /// <inheritdoc />
    public Task<SandboxCharge?> FindAsync(string charge, CancellationToken cancellationToken)
    {
        lock (_lock) return Task.FromResult(_rows.GetValueOrDefault(charge)?.Charge);
    }

    /// <inheritdoc />
    public Task<ImmutableArray<(long Cursor, SandboxCharge Charge)>> ListAsync(string? account, long after, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // A row's place, from 1, is its cursor.
            return Task.FromResult(_inOrder
                .Skip((int)Math.Min(after, int.MaxValue))
                .Where(row => row.Charge is not null && (account is null || row.Charge.Account == account))
                .Take(limit)
                .Select(row => (row.Seq, row.Charge!))
                .ToImmutableArray());
        }
    }

    /// <inheritdoc />
    public Task<ImmutableArray<(long Cursor, SandboxCharge Charge)>> ChangedAsync(string? clock, Instant since, long after, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(_inOrder
                .Skip((int)Math.Min(after, int.MaxValue))
                .Where(row => row.Charge is { } charge && charge.Clock == clock && (charge.ChangedAt ?? charge.CreatedAt) >= since)
                .Take(limit)
                .Select(row => (row.Seq, row.Charge!))
                .ToImmutableArray());
        }
    }

    /// <inheritdoc />
    public Task<ImmutableArray<ListedRefund>> RefundsAsync(string? clock, Instant since, long after, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(_refundList
                .Where(item => item.Clock == clock && item.Refund.CreatedAt >= since && item.Refund.Seq > after)
                .Take(limit)
                .Select(item => item.Refund)
                .ToImmutableArray());
        }
    }

    /// <inheritdoc />
    public Task<SandboxRefund> RefundAsync(RefundRequest request, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_refunds.GetValueOrDefault(RefundRules.IdOf(request.Key)) is { } known) return Task.FromResult(known);
            var row = _rows.GetValueOrDefault(request.Charge);
            var (refund, charge) = RefundRules.Make(request, row?.Charge);
            _refunds.Add(refund.Id, refund);
            _refundList.Add((request.Clock, new ListedRefund(_refunds.Count, refund, request.Key, request.Charge, request.Payment, request.Amount, ChargeRules.Micros(request.At))));
            if (charge is not null) row!.Charge = charge;
            return Task.FromResult(refund);
        }
    }

    /// <inheritdoc />
    public Task<ChargeDecision?> ChangeAsync(string charge, Func<SandboxCharge, ChargeDecision> decide, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_rows.GetValueOrDefault(charge) is not { Charge: { } current } row) return Task.FromResult<ChargeDecision?>(null);
            return Task.FromResult<ChargeDecision?>(Apply(row, decide(current)));
        }
    }

    /// <inheritdoc />
    public Task<int> SettleDueAsync(string? clock, Instant dueBy, Instant now, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var due = Due(clock).Where(row => row.Charge!.DueAt <= dueBy).OrderBy(row => row.Charge!.DueAt).ThenBy(row => row.Seq).Take(limit).ToList();
            foreach (var row in due) Apply(row, ChargeRules.SettleDue(row.Charge!, now));
            return Task.FromResult(due.Count);
        }
    }

    /// <inheritdoc />
    public Task<Instant?> EarliestDueAsync(string? clock, CancellationToken cancellationToken)
    {
        lock (_lock) return Task.FromResult(Due(clock).Min(row => row.Charge!.DueAt));
    }

    /// <inheritdoc />
    public Task<ImmutableArray<PendingEvent>> ClaimAsync(Instant now, Instant leaseUntil, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var charges = new HashSet<string>(StringComparer.Ordinal);
            var claimed = _events.Values.Where(told => charges.Add(told.Event.Charge) && told.NextTryAt <= now)
                .OrderBy(told => told.NextTryAt).ThenBy(told => told.Seq).Take(limit).OrderBy(told => told.Seq).ToList();
            foreach (var told in claimed) (told.Tries, told.NextTryAt) = (told.Tries + 1, leaseUntil);
            return Task.FromResult(claimed.Select(told => new PendingEvent(told.Seq, told.Tries, told.Event, _rows[told.Event.Charge].Charge!)).ToImmutableArray());
        }
    }

    /// <inheritdoc />
    public Task DeliveredAsync(PendingEvent delivered, CancellationToken cancellationToken)
    {
        lock (_lock) _events.Remove(delivered.Seq);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task PostponeAsync(PendingEvent failed, Instant until, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_events.GetValueOrDefault(failed.Seq) is { } told && told.Tries == failed.Tries) told.NextTryAt = until;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<bool> IsQuietAsync(string clock, CancellationToken cancellationToken)
    {
        lock (_lock) return Task.FromResult(!_events.Values.Any(told => told.Event.Clock == clock));
    }

    private static string? Changed(string? old, string? given) => (given ?? old) is { Length: > 0 } text ? text : null;

    private IEnumerable<Row> Due(string? clock) => _dueRows.Where(row => row.Charge!.Clock == clock);

    private Row Add(string id, SandboxCharge? charge, string content)
    {
        var row = new Row(_inOrder.Count + 1, content) { Charge = charge };
        _rows.Add(id, row);
        _inOrder.Add(row);
        if (charge?.DueAt is not null) _dueRows.Add(row);
        return row;
    }

    private ChargeDecision Apply(Row row, ChargeDecision decision)
    {
        if (decision.Charge is not { } next) return decision;
        row.Charge = next;
        if (next.DueAt is null) _dueRows.Remove(row);
        if (decision.Event is { } told) Tell(told);
        return decision;
    }

    private void Tell(OutboxEvent told) => _events.Add(++_lastEvent, new Told(_lastEvent, told) { NextTryAt = told.CreatedAt });

    /// <summary>One key: its charge, or, without one, its closing.</summary>
    private sealed class Row(long seq, string content)
    {
        public long Seq => seq;

        public string Content => content;

        public SandboxCharge? Charge { get; set; }
    }

    private sealed class Told(long seq, OutboxEvent told)
    {
        public long Seq => seq;

        public OutboxEvent Event => told;

        public int Tries { get; set; }

        public Instant NextTryAt { get; set; }
    }

    private sealed class Method
    {
        public ImmutableArray<ScriptStep> Script { get; set; } = [];

        public int Taken { get; set; }

        public string? Fingerprint { get; set; }

        public string? Network { get; set; }

        public string? Funding { get; set; }

        public ScriptStep? Take()
        {
            if (Script.IsEmpty) return null;
            var step = Script[Taken];
            Taken = Math.Min(Taken + 1, Script.Length - 1);
            return step;
        }

        public SandboxMethod As(string token) => new(token, [.. Script.Select(step => step.Outcome)], Fingerprint, Network, Funding);
    }
}
