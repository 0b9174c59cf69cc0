using Billing.Grains.Pulls;

namespace Billing.Grains.Tests.Hosting;

/// <summary>How often gateways are pulled is within its bounds, or the start is refused.</summary>
public sealed class PullOptionsTests
{
    [Theory]
    [InlineData("00:00:00.9999999", false)]
    [InlineData("00:00:01", true)]
    [InlineData("01:00:00", true)]
    [InlineData("01:00:00.0000001", false)]
    public void Every_IsOneSecondToOneHour(string every, bool isRight)
    {
        var mistake = new PullOptions { Every = TimeSpan.Parse(every, System.Globalization.CultureInfo.InvariantCulture) }.Mistake();

        Assert.Equal(isRight, mistake is null);
        if (!isRight) Assert.Contains("Billing:Pull:Every", mistake, StringComparison.Ordinal);
    }
}
