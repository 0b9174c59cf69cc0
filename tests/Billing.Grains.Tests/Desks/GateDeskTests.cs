#if ORLEANS
using System.Collections.Immutable;
using System.Threading.Channels;
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

    public GateDeskTests() => _desk = new GateDesk(_silo, _ => { });

    [Fact]
    public async Task Question_IsAskedAtOnce_AndWhatIsAskedMeanwhileGoesTogether()
    {
        var first = AskAsync("a");
        var others = new[] { AskAsync("b"), AskAsync("c"), AskAsync("d") };
        Assert.Equal(["a"], await _silo.NextAsync());
        Assert.False(_silo.HasMore);

        _silo.Answer();
        Assert.Equal("a", await first);
        Assert.Equal(["b", "c", "d"], await _silo.NextAsync());
        _silo.Answer();
        Assert.Equal<IEnumerable<string?>>(["b", "c", "d"], await Task.WhenAll(others));

        var last = AskAsync("e");
        Assert.Equal(["e"], await _silo.NextAsync());
        _silo.Answer();
        Assert.Equal("e", await last);
    }

    [Fact]
    public async Task Message_TakesNoMoreThanItMay()
    {
        var first = AskAsync("first");
        var others = Enumerable.Range(0, GateDesk.MostQuestions + 1).Select(n => AskAsync($"a{n}")).ToArray();

        foreach (var expected in new[] { 1, GateDesk.MostQuestions, 1 })
        {
            Assert.Equal(expected, (await _silo.NextAsync()).Length);
            _silo.Answer();
        }

        Assert.Equal("first", await first);
        Assert.Equal(Enumerable.Range(0, GateDesk.MostQuestions + 1).Select(n => $"a{n}"), await Task.WhenAll(others));
    }

    [Fact]
    public async Task AccountThatIsNotThere_HasNoAnswer()
    {
        _silo.Knows = account => account != "away";
        var here = AskAsync("here");
        var away = AskAsync("away");
        await _silo.NextAsync();
        _silo.Answer();
        await _silo.NextAsync();
        _silo.Answer();

        Assert.Equal("here", await here);
        Assert.Null(await away);
    }

    [Fact]
    public async Task SiloThatIsGone_LeavesAllQuestionsToTheAccounts_AndIsAskedAgainByTheNext()
    {
        var asked = AskAsync("asked");
        var waiting = AskAsync("waiting");
        await _silo.NextAsync();

        _silo.Fail(new SiloUnavailableException("gone"));
        Assert.Null(await asked);
        Assert.Null(await waiting);

        await AssertIsAskedAgainAsync();
    }

    [Fact]
    public async Task SiloThatIsSilent_KeepsNobodyLongerThanOneMessage_AndIsAskedAgainByTheNext()
    {
        var asked = AskAsync("asked");
        var waiting = AskAsync("waiting");
        await _silo.NextAsync();

        _silo.Fail(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => asked);
        await Assert.ThrowsAsync<TimeoutException>(() => waiting);

        await AssertIsAskedAgainAsync();
    }

    [Fact]
    public async Task MessageOfMany_IsSentInNobodysName()
    {
        var caller = new AsyncLocal<string?>();
        var seen = new List<string?>();
        _silo.WhenAsked = () => seen.Add(caller.Value);
        var first = AskAsAsync("first");
        var second = AskAsAsync("second");

        await _silo.NextAsync();
        _silo.Answer();
        await _silo.NextAsync();
        _silo.Answer();

        await Task.WhenAll(first, second);
        Assert.Equal(["first", null], seen);

        async Task AskAsAsync(string name)
        {
            caller.Value = name;
            await AskAsync(name);
        }
    }

    private async Task<string?> AskAsync(string account) => (await _desk.AskAsync(account, s_call))?.Answer?.Account;

    private async Task AssertIsAskedAgainAsync()
    {
        var next = AskAsync("next");
        Assert.Equal(["next"], await _silo.NextAsync());
        _silo.Answer();
        Assert.Equal("next", await next);
    }

    /// <summary>A desk that answers when it is told to.</summary>
    private sealed class FakeDesk : IGateDeskGrain
    {
        private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

        private readonly Channel<(string[] Accounts, TaskCompletionSource<ImmutableArray<DeskAnswer?>> Answer)> _messages = Channel.CreateUnbounded<(string[], TaskCompletionSource<ImmutableArray<DeskAnswer?>>)>();
        private (string[] Accounts, TaskCompletionSource<ImmutableArray<DeskAnswer?>> Answer) _last;

        public Action WhenAsked { get; set; } = () => { };

        public Func<string, bool> Knows { get; set; } = _ => true;

        /// <summary>Whether a message has come that nobody has taken.</summary>
        public bool HasMore => _messages.Reader.TryPeek(out _);

        public Task<ImmutableArray<DeskAnswer?>> Check(ImmutableArray<DeskQuestion> questions)
        {
            WhenAsked();
            var answer = new TaskCompletionSource<ImmutableArray<DeskAnswer?>>();
            Assert.True(_messages.Writer.TryWrite(([.. questions.Select(question => question.Account)], answer)));
            return answer.Task;
        }

        /// <summary>The accounts of the next message. What is told to the desk then is of that message.</summary>
        public async Task<string[]> NextAsync()
        {
            _last = await _messages.Reader.ReadAsync().AsTask().WaitAsync(Bound);
            return _last.Accounts;
        }

        public void Answer() => _last.Answer.SetResult([.. _last.Accounts.Select(account => Knows(account) ? DeskAnswer.Of(Sample.Of<GateAnswer>() with { Account = account }) : null)]);

        public void Fail(Exception failure) => _last.Answer.SetException(failure);
    }
}
#endif
