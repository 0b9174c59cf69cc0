using Billing.Gateways;
using NodaTime;

namespace Billing.Sandbox;

/// <summary>
/// The gateway of test accounts, behind the port as if it were remote: a database connection and transactions of its own,
/// committed before the caller learns anything, and no look into any table of ours.
/// </summary>
/// <remarks>
/// Implementation note, on keys. One key is one charge. The same key with other content answers
/// <see cref="ChargeStatus.Unknown"/> with code <c>idempotency_mismatch</c>, never <see cref="ChargeStatus.Error"/>: the
/// key's charge may have moved money, and only asking tells. A key whose charge left no row (<c>timeout</c>,
/// <c>error</c>) is as if never used: sent again it is a new try and takes the script's next outcome, unless it was asked
/// about meanwhile. Asking closes an unknown key; a charge that comes with it later answers <see cref="ChargeStatus.Error"/>
/// with code <c>key_closed</c>: nothing was done, and nothing ever will be under that key.
/// </remarks>
public sealed class SandboxGateway : IPaymentGateway, IGatewayOnTestClock
{
    /// <summary>Its name in the port.</summary>
    public const string GatewayName = "sandbox";

    /// <summary>The code of a charge that came after its key was closed.</summary>
    public const string KeyClosed = "key_closed";

    /// <summary>The code of a key that came again with other content.</summary>
    public const string IdempotencyMismatch = "idempotency_mismatch";

    /// <summary>The code of a gateway that is down.</summary>
    public const string GatewayDown = "gateway_error";

    private const int SettleAtOnce = 100;
    private const int ListAtOnce = 200;

    private readonly ISandboxLedger _ledger;
    private readonly ISandboxOutbox _outbox;
    private readonly SandboxWake _wake;
    private readonly TimeProvider _time;

    internal SandboxGateway(ISandboxLedger ledger, ISandboxOutbox outbox, SandboxWake wake, TimeProvider time) =>
        (_ledger, _outbox, _wake, _time) = (ledger, outbox, wake, time);

    /// <inheritdoc />
    public string Name => GatewayName;

    /// <summary>It charges whatever it is asked to, in our own units.</summary>
    public GatewayUnit UnitOf(Currency currency) => new(currency.Decimals);

    /// <summary>Makes the charge and moves its money, in one: it is never asked to confirm.</summary>
    public async Task<ChargeAnswer> CreateAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        var met = await _ledger.ChargeAsync(request, _time.Now(), cancellationToken);
        if (met.Closed) return new(ChargeStatus.Error, Code: KeyClosed);
        if (!met.SameContent) return new(ChargeStatus.Unknown, Code: IdempotencyMismatch);

        var taken = met.Taken is null ? null : ScriptStep.Parse(met.Taken, out _);
        if (taken is { Event: not null }) _wake.Signal();
        if (taken is { IsSilent: true }) return new(ChargeStatus.Unknown);
        return met.Charge is null ? new(ChargeStatus.Error, Code: GatewayDown) : ChargeRules.Answer(met.Charge);
    }

    /// <summary>There is nothing to confirm; what became of the charge is told.</summary>
    public Task<ChargeAnswer> ConfirmAsync(ChargeRequest request, CancellationToken cancellationToken) => ReadAsync(request, cancellationToken);

    /// <summary>What became of a key; it goes by the key alone. An unknown key is closed.</summary>
    public async Task<ChargeAnswer> ReadAsync(ChargeRequest request, CancellationToken cancellationToken) =>
        await _ledger.ReadOrCloseAsync(request, cancellationToken) is { } charge ? ChargeRules.Answer(charge) : new(ChargeStatus.NotFound);

    /// <summary>Ends a charge that waits for the customer; it goes by the key alone. An unknown key is closed, and will take no money either.</summary>
    public async Task<ChargeAnswer> CancelAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        if (await _ledger.ReadOrCloseAsync(request, cancellationToken) is not { } charge) return new(ChargeStatus.Cancelled);

        var now = _time.Now();
        var decided = await _ledger.ChangeAsync(charge.Id, row => ChargeRules.Cancel(row, request.At, now), cancellationToken);
        if (decided!.Event is not null) _wake.Signal();
        return ChargeRules.CancelAnswer(decided.Charge!);
    }

    /// <summary>
    /// Sends money back, at once, and tells it by the answer alone. A declined refund is one too: the same key again answers
    /// the same, and other content <see cref="ChargeStatus.Unknown"/> with code <c>idempotency_mismatch</c>.
    /// </summary>
    public async Task<RefundAnswer> RefundAsync(RefundRequest request, CancellationToken cancellationToken)
    {
        var refund = await _ledger.RefundAsync(request, cancellationToken);
        return refund.Content == RefundRules.ContentOf(request) ? refund.Answer() : new(ChargeStatus.Unknown, Code: IdempotencyMismatch);
    }

    /// <summary>Charges with their disputes, then refunds, in the order in which they were made.</summary>
    public async Task<GatewayPage> ListAsync(Instant since, string? clock, string? cursor, CancellationToken cancellationToken)
    {
        const string Refunds = "refunds:";
        var after = cursor is null ? 0 : long.Parse(cursor.AsSpan(cursor.IndexOf(':', StringComparison.Ordinal) + 1), System.Globalization.CultureInfo.InvariantCulture);
        if (cursor?.StartsWith(Refunds, StringComparison.Ordinal) == true)
        {
            var refunds = await _ledger.RefundsAsync(clock, since, after, ListAtOnce, cancellationToken);
            return new GatewayPage([.. refunds.Select(ListRules.EventOf)], refunds.Length == ListAtOnce ? $"{Refunds}{refunds[^1].Seq}" : null);
        }

        var charges = await _ledger.ChangedAsync(clock, since, after, ListAtOnce, cancellationToken);
        return new GatewayPage([.. charges.SelectMany(row => ListRules.EventsOf(row.Charge))], charges.Length == ListAtOnce ? $"charges:{charges[^1].Cursor}" : $"{Refunds}0");
    }

    /// <inheritdoc />
    public async Task<MethodDescription> DescribeAsync(string token, CancellationToken cancellationToken)
    {
        var method = await _ledger.FindMethodAsync(token, cancellationToken) ?? new SandboxMethod(token, [], null, null, null);
        return method.Describe();
    }

    /// <inheritdoc />
    public Task<Instant?> EarliestDueAsync(string clock, CancellationToken cancellationToken) => _ledger.EarliestDueAsync(clock, cancellationToken);

    /// <inheritdoc />
    public Task AdvanceAsync(string clock, Instant now, CancellationToken cancellationToken) => SettleAsync(clock, now, cancellationToken);

    /// <inheritdoc />
    public Task<bool> IsQuietAsync(string clock, CancellationToken cancellationToken) => _outbox.IsQuietAsync(clock, cancellationToken);

    /// <summary>Ends every charge of a clock (<see langword="null"/>: real time) that ends by itself up to an instant.</summary>
    internal async Task SettleAsync(string? clock, Instant dueBy, CancellationToken cancellationToken)
    {
        int settled;
        do
        {
            settled = await _ledger.SettleDueAsync(clock, dueBy, _time.Now(), SettleAtOnce, cancellationToken);
            if (settled > 0) _wake.Signal();
        }
        while (settled == SettleAtOnce);
    }
}
