using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>Whatever carries a key takes effect once, whoever takes it: again it is answered as before, and with another content it is refused.</summary>
public sealed class KeyedMessageTests
{
    private const string Document = """{"standings": [], "cycle": {"interval": "30d"}}""";

    private const string Entry = "owner~matter";

    private static readonly ImmutableArray<AttentionEntry> s_attention = [new(Entry, "matter", null, "Something waits.", "Look at it.", Days.Start)];

    private static readonly WebhookState s_endpoint = new() { Url = "https://a.example", Events = ["*"], Secrets = [new WebhookSecret("whsec_Zmlyc3Q=", null)], Attention = s_attention };

    private static readonly GatewayEvent s_event = new() { Gateway = "stripe", Id = "evt_1", Type = "charge.succeeded", Fact = GatewayFact.Succeeded, Object = "pi_1" };

    /// <summary>Each message with a key, where it can be taken. What several grains take stands here for each of them.</summary>
    private static readonly Dictionary<string, Func<Stage>> s_calls = new(StringComparer.Ordinal)
    {
        ["MakeDefault"] = () => Account(world => world.Method("a").Method("b"), key => new MakeDefault("b", key)),
        ["Pay"] = () => Account(world => world.Method("a", "ok"), key => new Pay { Payment = "pay_1", Key = key, Invoices = ["I1"], Method = "a" }),
        ["VoidInvoice"] = () => Account(key => new VoidInvoice("I1", key)),
        ["WriteOff"] = () => Account(key => new WriteOff("I1", key)),
        ["UndoWriteOff"] = () => Account(world => world.Accept(world.TellAccount(new WriteOff("I1", null))), key => new UndoWriteOff("I1", key)),
        ["AdjustInvoice"] = () => Account(key => new AdjustInvoice("I1", Some.Dollars(10), "discount", key)),
        ["GrantCredit"] = () => Account(key => new GrantCredit("credit_1", CreditKind.Promo, Some.Dollars(10), ExpiresAt: null, key)),
        ["RefundCredit"] = () => Account(world => world.Accept(world.Receive("transfer", 300)), key => new RefundCredit(Some.Dollars(10), key)),
        ["CancelSubscription"] = () => Account(Subscribe, key => new CancelSubscription("s", VoidOpen: false, key)),
        ["AddCharge"] = () => Account(Subscribe, key => new AddCharge("charge_1", "Setup", Some.Dollars(10), key)),
        ["AcknowledgeOrder"] = () => Account(
            (AccountState account) => account with { Resources = [new Resource { Id = "vm", Kind = "vm", State = ResourceState.Deleting, Order = new ResourceOrder("acme~order~1", OrderAction.Delete, "deleted") }] },
            key => new AcknowledgeOrder("vm", "acme~order~1", key)),
        ["PowerOn"] = () => Account((AccountState account) => account with { Resources = [new Resource { Id = "vm", Kind = "vm", State = ResourceState.Stopped }] }, key => new PowerOn("vm", key)),
        ["Extend"] = () => Account(key => new Extend(Days.At("5d"), "promised to pay", key)),
        ["MoveEpisode"] = () => Account(world => world.Go("10d"), key => new MoveEpisode(new PolicyRef(Some.PolicyId, 1), key)),
        ["AttestNotice"] = () => Account(
            (AccountState account) => account with { NoticesPromised = 1, Notices = [new PromisedNotice("acme~notice~1", "warning", "deleted", Days.Start, null)] }, key => new AttestNotice("acme~notice~1", "a letter", key)),
        ["MakePayLink"] = () => Account(key => new MakePayLink("link_1", "hash", key)),
        ["FinalizeInvoice"] = () => In(
            world => world.Accept(world.Put("D1", Some.Content(100, Collection.Manual, Days.At("9d")), draft: true)), GrainKeys.Invoice("D1"), key => new FinalizeInvoice(key)),
        ["RefundPayment"] = () => Payment("ok", key => new RefundPayment(Some.Dollars(10), null, Reopen: false, null, key)),
        ["ReversePayment"] = () => Payment("ok", key => new ReversePayment(Some.Dollars(10), "bounced", key)),
        ["ResolvePayment"] = () => Payment("timeout", key => new ResolvePayment(AttemptOutcome.Succeeded, "the gateway's pages", key)),
        ["RotateWebhookSecret"] = () => Webhook(key => new RotateWebhookSecret(new WebhookSecret("whsec_c2Vjb25k", null), key)),
        ["ReplayWebhooks"] = () => Webhook(key => new ReplayWebhooks(0, key)),
        ["CreateKey"] = () => On(
            new KeysState(), (state, message, now) => KeyRules.Decide(state, message, now), key => new CreateKey(key.Hash, "shop", [Scope.Read], "bk_1", "hash", key.Content, ExpiresAt: null)),
        ["ResolveAttention of an account"] = () => Account((AccountState account) => account with { Attention = s_attention }, Resolve),
        ["ResolveAttention of a payment"] = () => On(
            Charged("ok").Payment("I1~0") with { Attention = s_attention }, (state, message, now) => PaymentRules.Decide(state, message, now, "I1~0"), Resolve),
        ["ResolveAttention of a webhook endpoint"] = () => Webhook(Resolve),
        ["ResolveAttention of an inbox"] = () => On(new InboxState { Event = s_event, Attention = s_attention }, (state, message, now) => InboxRules.Decide(state, message, now, "stripe~evt_1"), Resolve),
        ["ResolveAttention of a brake"] = () => On(new BrakeState { Attention = s_attention }, (state, message, now) => BrakeRules.Decide(state, message, now, "deletion", limit: 100), Resolve),
        ["ResolveAttention of a pull"] = () => On(new PullState { Attention = s_attention }, (state, message, now) => PullRules.Decide(state, message, now, "stripe", PullRules.Every), Resolve),
    };

    public static TheoryData<string> Calls => [.. s_calls.Keys];

    [Theory]
    [MemberData(nameof(Calls))]
    public void Call_Again_IsReplayed_AndWithAnotherContentIsRefused(string call)
    {
        var (tell, command) = s_calls[call]();
        var first = Assert.IsType<Done>(tell(command(Some.Key("k", "one"))));
        Assert.False(first.Replayed);

        var again = Assert.IsType<Done>(tell(command(Some.Key("k", "one"))));
        Assert.Equal((true, first.Id), (again.Replayed, again.Id));
        Assert.Equal(Problems.IdempotencyMismatch, Assert.IsType<Refused>(tell(command(Some.Key("k", "other")))).Code);
    }

    [Fact]
    public void EveryMessageWithAKey_IsAmongThem()
    {
        var keyed = typeof(Message).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Message)) && type.GetProperties().Any(property => property.PropertyType == typeof(IdempotencyKey)));

        Assert.Empty(keyed.Select(type => type.Name).Except(s_calls.Keys.Select(call => call.Split(' ')[0]), StringComparer.Ordinal));
    }

    /// <summary>What was kept before it said what was asked answers whatever is asked with its key.</summary>
    [Fact]
    public void Reversal_OfBefore_AnswersTheRepetition()
    {
        var (world, key) = (Charged("ok"), Some.Key("k"));
        var payment = world.Payment("I1~0") with { Reversals = [new Reversal("rev_" + key.Hash, Some.Dollars(10), "bounced", Days.Start)] };

        Assert.True(Assert.IsType<Done>(PaymentRules.Decide(payment, new ReversePayment(null, "bounced", key), Days.Start, "I1~0").Reply).Replayed);
    }

    [Fact]
    public void Call_ThatWasRefused_IsTakenAnew()
    {
        var refused = PaymentRules.Decide(Charged("ok").Payment("I1~0"), Resolve(Some.Key("k")), Days.Start, "I1~0");

        Assert.Equal(Problems.NotFound, Assert.IsType<Refused>(refused.Reply).Code);
        Assert.False(Assert.IsType<Done>(PaymentRules.Decide(refused.State with { Attention = s_attention }, Resolve(Some.Key("k")), Days.Start, "I1~0").Reply).Replayed);
    }

    private static ResolveAttention Resolve(IdempotencyKey key) => new(Entry, key);

    /// <summary>An account that owes an invoice.</summary>
    private static World Owing() => World.With(Document).Issue("I1", 200, Collection.Manual, Days.At("9d"));

    private static World Charged(string step) => World.With(Document).Method("a", step).Issue("I1", 100);

    private static void Subscribe(World world) => world.Method("a", "ok").Accept(world.TellAccount(new PutSubscription("s", "plan", Some.Dollars(100), null)));

    private static Stage Account(Func<IdempotencyKey, Message> command) => Account((World _) => { }, command);

    private static Stage Account(Action<World> prepare, Func<IdempotencyKey, Message> command) => In(prepare, GrainKeys.Account(Some.Account), command);

    private static Stage Account(Func<AccountState, AccountState> prepare, Func<IdempotencyKey, Message> command) =>
        On(prepare(World.With(Document).Account()), (state, message, now) => AccountRules.Decide(state, message, now, Some.Book(Document)), command);

    private static Stage Payment(string step, Func<IdempotencyKey, Message> command)
    {
        var world = Charged(step);
        return new Stage(message => world.Tell(GrainKeys.Payment("I1~0"), message), command);
    }

    private static Stage Webhook(Func<IdempotencyKey, Message> command) =>
        On(s_endpoint, (state, message, now) => WebhookRules.Decide(state, message, now, "hook", WebhookSchedule.Standard), command);

    private static Stage In(Action<World> prepare, string to, Func<IdempotencyKey, Message> command)
    {
        var world = Owing();
        prepare(world);
        return new Stage(message => world.Tell(to, message), command);
    }

    private static Stage On<TState>(TState state, Func<TState, Message, Instant, Decision<TState>> decide, Func<IdempotencyKey, Message> command)
    {
        return new Stage(Tell, command);

        Reply Tell(Message message)
        {
            var decision = decide(state, message, Days.Start);
            state = decision.State;
            return decision.Reply;
        }
    }

    private sealed record Stage(Func<Message, Reply> Tell, Func<IdempotencyKey, Message> Command);
}
