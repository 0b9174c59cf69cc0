#if ORLEANS
using System.Collections.Immutable;
using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Grains.Tests.Wire;
using Billing.Silo.Desks;
using NodaTime;

namespace Billing.Grains.Tests.Desks;

/// <summary>One message at a time, with all that was asked meanwhile; nobody waits for a silo that is gone.</summary>
public sealed class GateDeskTests
{
    private static readonly GateCall s_call = new(new GateQuestion("purchase"), Instant.FromUtc(2026, 11, 30, 12, 0));

    private readonly FakeDesk _silo = new();
    private readonly GateDesk _desk;

    public GateDeskTests() => _desk = new GateDesk(_silo);

    [Fact]
    public async Task Question_IsAskedAtOnce_AndWhatIsAskedMeanwhileGoesTogether()
    {
        var first = AskAsync("a");
        var others = new[] { AskAsync("b"), AskAsync("c"), AskAsync("d") };
        Assert.Equal(["a"], Assert.Single(_silo.Messages));

        _silo.Answer();
        Assert.Equal("a", await first);
        await UntilMessagesAsync(2);
        Assert.Equal(["b", "c", "d"], _silo.Messages[1]);

        _silo.Answer();
        Assert.Equal<IEnumerable<string?>>(["b", "c", "d"], await Task.WhenAll(others));
        _ = AskAsync("e");
        Assert.Equal(["e"], _silo.Messages[2]);
    }

    [Fact]
    public async Task Message_TakesNoMoreThanItMay()
    {
        _ = AskAsync("first");
        var others = Enumerable.Range(0, GateDesk.MostQuestions + 1).Select(n => AskAsync($"a{n}")).ToArray();

        _silo.Answer();
        await UntilMessagesAsync(2);
        Assert.Equal(GateDesk.MostQuestions, _silo.Messages[1].Length);
        _silo.Answer();
        await UntilMessagesAsync(3);
        _silo.Answer();

        Assert.Equal(Enumerable.Range(0, GateDesk.MostQuestions + 1).Select(n => $"a{n}"), await Task.WhenAll(others));
    }

    [Fact]
    public async Task AccountThatIsNotThere_HasNoAnswer()
    {
        _silo.Knows = account => account != "away";
        var here = AskAsync("here");
        var away = AskAsync("away");
        _silo.Answer();
        await UntilMessagesAsync(2);
        _silo.Answer();

        Assert.Equal("here", await here);
        Assert.Null(await away);
    }

    [Fact]
    public async Task SiloThatIsGone_LeavesAllQuestionsToTheAccounts_AndIsAskedAgainByTheNext()
    {
        var asked = AskAsync("asked");
        var waiting = AskAsync("waiting");

        _silo.Fail(new SiloUnavailableException("gone"));
        Assert.Null(await asked);
        Assert.Null(await waiting);

        var next = AskAsync("next");
        await UntilMessagesAsync(2);
        _silo.Answer();
        Assert.Equal("next", await next);
    }

    [Fact]
    public async Task SiloThatIsSilent_KeepsNobodyLongerThanOneMessage()
    {
        var asked = AskAsync("asked");
        var waiting = AskAsync("waiting");

        _silo.Fail(new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => asked);
        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        Assert.Single(_silo.Messages);
    }

    [Fact]
    public async Task MessageOfMany_IsSentInNobodysName()
    {
        var caller = new AsyncLocal<string>();
        _silo.Sees = () => caller.Value;
        var first = AskAsAsync("first");
        var second = AskAsAsync("second");

        _silo.Answer();
        await UntilMessagesAsync(2);
        _silo.Answer();

        await Task.WhenAll(first, second);
        Assert.Equal(["first", null], _silo.Seen);

        async Task AskAsAsync(string name)
        {
            caller.Value = name;
            await AskAsync(name);
        }
    }

    private async Task<string?> AskAsync(string account) => (await _desk.AskAsync(account, s_call))?.Answer?.Account;

    private async Task UntilMessagesAsync(int count)
    {
        for (var i = 0; i < 1000 && _silo.Messages.Count < count; i++) await Task.Delay(10);
        Assert.Equal(count, _silo.Messages.Count);
    }

    /// <summary>A desk that answers when it is told to.</summary>
    private sealed class FakeDesk : IGateDeskGrain
    {
        private TaskCompletionSource<ImmutableArray<DeskAnswer?>>? _underWay;

        public List<string[]> Messages { get; } = [];

        public Func<string?> Sees { get; set; } = () => null;

        public List<string?> Seen { get; } = [];

        public Func<string, bool> Knows { get; set; } = _ => true;

        public Task<ImmutableArray<DeskAnswer?>> Check(ImmutableArray<DeskQuestion> questions)
        {
            Seen.Add(Sees());
            Messages.Add([.. questions.Select(question => question.Account)]);
            _underWay = new TaskCompletionSource<ImmutableArray<DeskAnswer?>>();
            return _underWay.Task;
        }

        public void Answer() => _underWay!.SetResult([.. Messages[^1].Select(account => Knows(account) ? DeskAnswer.Of(Sample.Of<GateAnswer>() with { Account = account }) : null)]);

        public void Fail(Exception failure) => _underWay!.SetException(failure);
    }
}
#endif
