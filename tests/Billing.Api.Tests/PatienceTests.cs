using Billing.Api.Hosting;

namespace Billing.Api.Tests;

/// <summary>What is waited for is durable already: a read that is lost is made again.</summary>
public sealed class PatienceTests
{
    private readonly Patience _patience = new(TimeProvider.System);
    private int _reads;

    [Fact]
    public async Task Until_AReadIsLost_ReadsAgain()
    {
        var (last, isReached) = await _patience.UntilAsync(() => ++_reads == 1 ? Task.FromException<int>(new TimeoutException()) : Task.FromResult(_reads), _ => true, TimeSpan.Zero, default);
        Assert.Equal((2, true, 2), (last, isReached, _reads));
    }

    [Fact]
    public async Task Until_AReadIsNeverAnswered_ReadsAgain()
    {
        var (last, isReached) = await _patience.UntilAsync(() => ++_reads == 1 ? new TaskCompletionSource<int>().Task : Task.FromResult(_reads), _ => true, TimeSpan.Zero, default);
        Assert.Equal((2, true), (last, isReached));
    }

    [Fact]
    public async Task Until_TheLastReadIsLost_TellsWhatWasReadBefore()
    {
        var (last, isReached) = await _patience.UntilAsync(() => ++_reads == 1 ? Task.FromResult(7) : Task.FromException<int>(new TimeoutException()), _ => false, TimeSpan.FromMilliseconds(1), default);
        Assert.Equal((7, false), (last, isReached));
    }

    [Fact]
    public async Task Until_AFaultOfOurOwn_IsNotHidden() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => _patience.UntilAsync<int>(() => throw new InvalidOperationException(), _ => true, TimeSpan.FromSeconds(5), default));
}
