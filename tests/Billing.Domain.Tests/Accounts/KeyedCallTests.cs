using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>Of a keyed call no more is kept than tells it from others; what was kept of it before is known again.</summary>
public sealed class KeyedCallTests
{
    private const string Document = """{"standings": []}""";
    private static readonly IdempotencyKey s_key = new(new string('a', 32), new string('c', 32));

    [Fact]
    public void Record_KeepsTheBeginningsOfTheHashes_AndNoNameThatTheCallSays()
    {
        var world = World.With(Document).Method("m", "ok");
        world.Accept(world.TellAccount(new MakeDefault("m", s_key)));

        Assert.Equal(new IdempotencyRecord(new string('a', 24), new string('c', 16), null, world.Now), Assert.Single(world.Account().Idempotency));
        Assert.Equal(new Done("m", world.Account().Version, Replayed: true), world.TellAccount(new MakeDefault("m", s_key)));
        Assert.Equal(Problems.IdempotencyMismatch, Assert.IsType<Refused>(world.TellAccount(new MakeDefault("m", s_key with { Content = "other" }))).Code);
    }

    [Fact]
    public void Record_OfBefore_AnswersTheRepetition()
    {
        var account = World.With(Document).Method("m", "ok").Account();
        account = account with { Idempotency = [new IdempotencyRecord(s_key.Hash, s_key.Content, "m", Days.Start)] };

        Assert.Equal(new Done("m", account.Version, Replayed: true), Decide(account, new MakeDefault("m", s_key), Days.Start).Reply);
        Assert.Equal(Problems.IdempotencyMismatch, Assert.IsType<Refused>(Decide(account, new MakeDefault("m", s_key with { Content = "other" }), Days.Start).Reply).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Payment_UnderWayForDays_ItsCallIsStillKnown(bool isOfBefore)
    {
        var world = World.With(Document).Method("m", "processing").Issue("I1", 100, Collection.Manual, Days.At("9d"));
        world.Accept(world.Pay("m", s_key, "I1"));
        world.Go("3d");
        var account = world.Account();
        var payment = Assert.Single(account.Payments);
        if (isOfBefore)
        {
            account = account with
            {
                Payments = [payment with { Key = null }],
                Idempotency = [new IdempotencyRecord(s_key.Hash, s_key.Content, payment.Id, Days.Start)],
            };
        }

        var again = new Pay { Payment = payment.Id, Key = s_key, Invoices = ["I1"] };
        Assert.Equal(new Done(payment.Id, account.Version, Replayed: true), Decide(account, again, world.Now).Reply);
    }

    private static Decision<AccountState> Decide(AccountState account, Message message, Instant now) => AccountRules.Decide(account, message, now, Some.Book(Document));
}
