using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>
/// An account with resources and a policy that goes from <c>past_due</c> over <c>suspended</c>, which powers down and denies
/// to power on, to <c>deleted</c>. Standings are entered and left by hand, each change in a decision of its own.
/// </summary>
internal sealed class Yard
{
    private readonly PolicyBook _policies;

    public Yard(ResourceRecovery recovery = ResourceRecovery.Manual, bool deniesPowerOn = false)
    {
        var parsed = Some.Policy(Some.Standings("{}", ("past_due", """{"unpaid_for": "1d"}"""), ("suspended", """{"unpaid_for": "5d"}"""), ("deleted", """{"unpaid_for": "9d"}""")));
        var suspended = parsed.Standings[1] with { PowersDown = true, Deny = deniesPowerOn ? [Operations.ResourcePowerOn] : [] };
        Policy = parsed with
        {
            Standings = [parsed.Standings[0], suspended, parsed.Standings[2] with { Deletes = true }],
            Recovery = new RecoveryRules { Resources = recovery },
        };
        _policies = PolicyBook.Empty.With(Some.PolicyId, [Policy]);
        State = AccountRules.Decide(new AccountState(), Some.Profile(), Days.Start, _policies).State;
    }

    public Policy Policy { get; }

    public AccountState State { get; set; }

    public Instant Now { get; set; } = Days.Start;

    public List<Event> Events { get; } = [];

    /// <summary>What was recorded of resources, as <c>ordered web stop</c>.</summary>
    public string[] Log => [.. Events.Where(e => e.Type.StartsWith("resource.", StringComparison.Ordinal)).Select(e => $"{e.Type["resource.".Length..]} {e.Data["resource"]} {e.Data["action"]}".TrimEnd())];

    public Resource this[string id] => State.Resources.Find(id)!;

    public Reply Do(Func<AccountDraft, Reply> rule)
    {
        var draft = new AccountDraft(State, Now, _policies);
        return Take(draft.Decide(rule(draft)));
    }

    /// <summary>A whole decision of the account, with all that follows from its facts.</summary>
    public Reply Tell(Message message) => Take(AccountRules.Decide(State, message, Now, _policies));

    private Reply Take(Decision<AccountState> decision)
    {
        State = decision.State;
        Events.AddRange(decision.Events);
        return decision.Reply;
    }

    public Reply Put(string id, ResourceState? state = null, string? kind = "vm", ImmutableArray<string> needs = default) =>
        Do(draft => Domain.Resources.Put(draft, new PutResource(id, kind, state, needs)));

    /// <summary>Registers resources, all running.</summary>
    public Yard With(params string[] ids)
    {
        foreach (var id in ids) Assert.IsType<Done>(Put(id));
        return this;
    }

    /// <summary>Registers a resource that needs others.</summary>
    public Yard Needing(string id, params string[] needs)
    {
        Assert.IsType<Done>(Put(id, needs: [.. needs]));
        return this;
    }

    public Yard Enter(string standing)
    {
        Do(draft =>
        {
            ResourceOrders.OnEnter(draft, Policy.Standings[Policy.SeverityOf(standing)], Now);
            return new Done();
        });
        return this;
    }

    public Yard Fall(string standing = StandingRecord.Good)
    {
        Do(draft =>
        {
            ResourceOrders.OnBetter(draft, Policy, Policy.SeverityOf(standing), Now);
            return new Done();
        });
        return this;
    }

    public Reply Acknowledge(string id, string? order = null, IdempotencyKey? key = null) =>
        Do(draft => ResourceOrders.Acknowledge(draft, new AcknowledgeOrder(id, order ?? this[id].Order!.Id, key)));

    /// <summary>Does what it is ordered to do.</summary>
    public Yard Obey(params string[] ids)
    {
        foreach (var id in ids) Assert.IsType<Done>(Acknowledge(id));
        return this;
    }

    public Reply PowerOn(string id, IdempotencyKey? key = null) => Do(draft => ResourceOrders.PowerOn(draft, new PowerOn(id, key)));

    /// <summary>An invoice unpaid for so long, so that the gate sees a standing.</summary>
    public Yard Owe(string since, string standing)
    {
        var at = Now - Days.Parse(since);
        State = State with
        {
            Invoices = [new OpenInvoice { Id = "I1", Number = "1", Sequence = 1, Collection = Collection.Manual, Rules = new PolicyRef(Some.PolicyId, 1), IssuedAt = at, DueAt = at, Total = Some.Dollars(500), Due = Some.Dollars(500), UnpaidSince = at }],
            Episode = new Episode(at, new PolicyRef(Some.PolicyId, 1)),
            Standing = new StandingRecord { Name = standing, Since = at, AsOf = Now },
        };
        return this;
    }

    public static string? Code(Reply reply) => (reply as Refused)?.Code;
}
