namespace Billing.Domain.Tests;

public sealed class OperationsTests
{
    [Fact]
    public void House_EveryName_IsWellFormedAndKnowsWhatIsNeverDenied()
    {
        Assert.Equal(21, Operations.House.Count);
        Assert.All(Operations.House, operation => Assert.True(Operations.IsWellFormed(operation), operation));
        Assert.Subset(Operations.House.ToHashSet(), Operations.NeverDenied.ToHashSet());
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("login", true)]
    [InlineData("resource.power_on", true)]
    [InlineData("a.1.b_2", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData(".", false)]
    [InlineData("a.", false)]
    [InlineData(".a", false)]
    [InlineData("a..b", false)]
    [InlineData("1a", false)]
    [InlineData("_a", false)]
    [InlineData("A", false)]
    [InlineData("a-b", false)]
    [InlineData("a\n", false)]
    [InlineData("*", false)]
    [InlineData("а", false)] // Cyrillic
    public void IsWellFormed_Name_AsThePatternSays(string? operation, bool expected) => Assert.Equal(expected, Operations.IsWellFormed(operation));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void IsWellFormed_LongName_AtMostSixtyFour(int length, bool expected) => Assert.Equal(expected, Operations.IsWellFormed(new string('a', length)));
}
