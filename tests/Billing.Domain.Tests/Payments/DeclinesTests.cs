using NodaTime;
using Xunit;

namespace Billing.Domain.Tests.Payments;

/// <summary>How often a customer may try cards.</summary>
public sealed class DeclinesTests
{
    private static readonly Instant s_now = Instant.FromUtc(2026, 3, 6, 12, 0);

    [Theory]
    [InlineData(4, 1, null)]
    [InlineData(5, 1, 3_599)]
    [InlineData(5, 3_599, 1)]
    [InlineData(5, 3_600, null)]
    [InlineData(19, 3_600, null)]
    [InlineData(20, 3_600, 82_800)]
    [InlineData(20, 86_399, 1)]
    [InlineData(20, 86_400, null)]
    public void Refusal_LastsUntilFewEnoughAreLeft(int declines, int secondsAgo, int? waitsSeconds)
    {
        var account = new AccountState { Declines = [.. Enumerable.Repeat(s_now - Duration.FromSeconds(secondsAgo), declines)] };

        var refused = Declines.Refusal(account, s_now);

        Assert.Equal(waitsSeconds is null ? null : Problems.TooManyDeclines, refused?.Code);
        Assert.Equal(waitsSeconds is { } seconds ? Duration.FromSeconds(seconds) : null, refused?.RetryAfter);
    }

    [Fact]
    public void Refusal_CountsTheNewest()
    {
        var account = new AccountState { Declines = [s_now - Duration.FromMinutes(90), .. Enumerable.Range(0, 5).Select(n => s_now - Duration.FromMinutes(50 - n))] };
        Assert.Equal(Duration.FromMinutes(10), Declines.Refusal(account, s_now)?.RetryAfter);
    }
}
