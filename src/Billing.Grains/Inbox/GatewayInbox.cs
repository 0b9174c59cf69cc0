using System.Collections.Concurrent;
using Billing.Grains.Interfaces.Index;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Billing.Grains.Inbox;

/// <summary>
/// Finds what of ours a gateway's event belongs to, and tells it: the payment that the object's metadata names, else the
/// money received of the account that it names, else the payment that has the object as its reference.
/// </summary>
/// <remarks>
/// Implementation note: an event that matches at once costs no write of its own. The payment's own write records it, and
/// knows it again by what it is about; so a webhook costs what the payment costs. Only what matches nothing gets a grain.
/// </remarks>
/// <param name="grains">The grains.</param>
/// <param name="index">Finds by reference.</param>
/// <param name="time">The one real clock.</param>
/// <param name="logger">What could not be looked for.</param>
public sealed class GatewayInbox(IGrainFactory grains, IGrainIndex index, TimeProvider time, ILogger<GatewayInbox> logger) : IGatewayInbox
{
    /// <summary>The accounts of which clock and kind, which never change, are remembered.</summary>
    private const int AccountsRemembered = 100_000;

    private const int AtOnce = 100;

    private readonly ConcurrentDictionary<string, (bool Test, string? Clock)> _accounts = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public async Task<string?> TakeAsync(GatewayEvent told)
    {
        var matched = await MatchAsync(told);
        if (matched.Payment is not null || told.IsPulled && await IsKeptAsync(told)) return matched.Payment;
        var kept = await grains.Inbox(GrainKeys.Inbox(told.Gateway, told.Id)).Execute(new Call(new KeepEvent(told, matched.Why ?? "", matched.NeedsHuman), time.GetInstant()));
        return kept is Done ? null : throw new InvalidOperationException($"The event was not kept: {kept}.");
    }

    /// <inheritdoc />
    public async Task<EventMatched> MatchAsync(GatewayEvent told)
    {
        if (told.Doubt is { } doubt) return new EventMatched(null, doubt, NeedsHuman: true);
        if (told is { Payment: null, Account: { } account, Fact: GatewayFact.Succeeded }) return await ReceiveAsync(told, account, Ids.Received(account, told.Object));
        if (await FindAsync(told) is { } found) return await TellAsync(found.Id, new GatewayTold(told), found.Start!.Clock);
        // Whoever charges stores the payment first. Where a restore has lost it, the money comes back under its own name; otherwise it is not ours.
        if (told is { Payment: { } lost, Account: { } owner, Fact: GatewayFact.Succeeded } && (await grains.Brake(GrainKeys.Installation).Read()).MayHaveLost(told.At)) return await ReceiveAsync(told with { Invoice = told.Invoice ?? Ids.InvoiceOfRung(lost) }, owner, lost);
        return new EventMatched(null, told.Payment is null ? $"No payment has the reference {told.Object}." : $"There is no payment '{told.Payment}'.");
    }

    /// <inheritdoc />
    public async Task AnnounceAsync(PaymentState payment)
    {
        foreach (var reference in PaymentRules.References(payment)) await AnnounceAsync(reference);
    }

    private async Task AnnounceAsync(string reference)
    {
        try
        {
            // By the gateway's object alone: which gateway a stored reference belongs to, the match looks at.
            var waiting = await index.ListAsync(new IndexQuery("inbox") { Where = new Dictionary<string, string>(StringComparer.Ordinal) { ["waits_for"] = reference }, Limit = AtOnce });
            foreach (var entry in waiting.Entries) await grains.Inbox(entry.Key).Execute(new Call(new MatchAgain(), time.GetInstant()));
        }
        catch (Exception failure)
        {
            InboxLog.AnnounceFailed(logger, reference, failure);
        }
    }

    /// <summary>Whether a kept event says what was pulled already: a human is asked once.</summary>
    private async Task<bool> IsKeptAsync(GatewayEvent told)
    {
        var waiting = await index.ListAsync(new IndexQuery("inbox") { Where = new Dictionary<string, string>(StringComparer.Ordinal) { ["waits_for"] = told.Object }, Limit = AtOnce });
        foreach (var entry in waiting.Entries)
        {
            if (await grains.Inbox(entry.Key).Read() is { Event: { } kept } && kept.Gateway == told.Gateway && kept.Fact == told.Fact && kept.Part == told.Part && kept.Amount == told.Amount) return true;
        }

        return false;
    }

    /// <summary>Money that somebody sent by himself, or whose payment is lost: the account's, under the gateway's id of it.</summary>
    private async Task<EventMatched> ReceiveAsync(GatewayEvent told, string account, string payment)
    {
        if (await AccountAsync(account) is not var (test, clock)) return new EventMatched(null, $"There is no account '{account}'.");
        if (!PaymentEvents.Touches(told.Mode, test)) return new EventMatched(null, test ? "It comes from a live gateway, and the account is a test account." : "It comes from a gateway's test mode, and the account is a live one.", NeedsHuman: true);
        if (told.Amount is not { IsPositive: true } amount) return new EventMatched(null, "It names no amount.", NeedsHuman: true);
        return await TellAsync(payment, new RecordReceived
        {
            Account = account,
            Amount = amount,
            Reference = told.Object,
            Invoice = told.Invoice,
            // A test clock's time is not the gateway's.
            ReceivedAt = clock is null ? told.At : null,
            Clock = clock,
            Test = test,
            Gateway = told.Gateway,
            IsTotal = told.IsTotal,
        }, clock);
    }

    private async Task<EventMatched> TellAsync(string payment, Message message, string? clock)
    {
        var now = time.GetInstant();
        if (clock is not null && await grains.TestClock(clock).Read() is { Now: { } onClock }) now = onClock;
        return await grains.Payment(payment).Execute(new Call(message, now)) switch
        {
            Done => new EventMatched(payment),
            Refused { Code: Problems.Unavailable or Problems.NotFound } refused => new EventMatched(null, refused.Detail),
            Refused refused => new EventMatched(null, refused.Detail, NeedsHuman: true),
            var other => throw new InvalidOperationException($"A payment does not answer {other}."),
        };
    }

    private async Task<PaymentState?> FindAsync(GatewayEvent told)
    {
        if (told.Payment is { } named) return await ReadAsync(named);
        if (told.Account is { } account && await ReadAsync(Ids.Received(account, told.Object)) is { } received) return received;
        var byReference = new IndexQuery("payment") { Where = new Dictionary<string, string>(StringComparer.Ordinal) { ["gateway_reference"] = told.Object }, Limit = AtOnce };
        return await FindAsync(told, byReference) ?? await FindAsync(told, new IndexQuery("payment") { GatewayReference = told.Object, Limit = AtOnce });
    }

    private async Task<PaymentState?> FindAsync(GatewayEvent told, IndexQuery query)
    {
        foreach (var entry in (await index.ListAsync(query)).Entries)
        {
            if (await ReadAsync(GrainKeys.Id(entry.Key)) is { } payment && PaymentEvents.IsOf(payment, told)) return payment;
        }

        return null;
    }

    private async Task<PaymentState?> ReadAsync(string payment) => await grains.Payment(payment).Read() is { Start: not null } state ? state : null;

    private async Task<(bool Test, string? Clock)?> AccountAsync(string account)
    {
        if (_accounts.TryGetValue(account, out var known)) return known;
        if ((await grains.Account(account).Read(new ReadCall(time.GetInstant()))).View is not { } view) return null;
        if (_accounts.Count >= AccountsRemembered) _accounts.Clear();
        return _accounts[account] = (view.Profile.Test, view.Profile.TestClock);
    }
}
