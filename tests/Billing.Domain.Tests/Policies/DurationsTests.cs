using NodaTime;

namespace Billing.Domain.Tests;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("0m", 0)]
    [InlineData("0d", 0)]
    [InlineData("1m", 1)]
    [InlineData("90m", 90)]
    [InlineData("23h", 23 * 60)]
    [InlineData("5d", 5 * 24 * 60)]
    [InlineData("3650d", 3650 * 24 * 60)]
    [InlineData("87600h", 3650 * 24 * 60)]
    [InlineData("5256000m", 3650 * 24 * 60)]
    public void TryParse_OneNumberAndOneUnit_Read(string text, int minutes)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(Duration.FromMinutes(minutes), duration);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("5")]
    [InlineData("5s")]
    [InlineData("5D")]
    [InlineData("5 d")]
    [InlineData(" 5d")]
    [InlineData("5d\n")]
    [InlineData("-1d")]
    [InlineData("+1d")]
    [InlineData("01d")]
    [InlineData("1.5d")]
    [InlineData("1d12h")]
    [InlineData("٥d")]
    [InlineData("P5D")]
    [InlineData("3651d")]
    [InlineData("87601h")]
    [InlineData("5256001m")]
    [InlineData("9999999d")]
    [InlineData("99999999999999999999d")]
    public void TryParse_AnythingElse_Refused(string? text) => Assert.False(Durations.TryParse(text, out _));

    [Theory]
    [InlineData("-3d", 3 * 24 * 60)]
    [InlineData("-48h", 48 * 60)]
    [InlineData("-1m", 1)]
    [InlineData("-0d", 0)]
    [InlineData("0d", 0)]
    [InlineData("-3650d", 3650 * 24 * 60)]
    public void TryParseBefore_NotAhead_Read(string text, int minutes)
    {
        Assert.True(Durations.TryParseBefore(text, out var before));
        Assert.Equal(Duration.FromMinutes(minutes), before);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1m")]
    [InlineData("--1d")]
    [InlineData("- 1d")]
    [InlineData("-1s")]
    [InlineData("−1d")] // a minus sign, not a hyphen
    [InlineData("-3651d")]
    public void TryParseBefore_AnythingElse_Refused(string? text) => Assert.False(Durations.TryParseBefore(text, out _));
}
