using System.Text.Json;

namespace Billing.Domain.Tests;

public sealed class MoneyTests
{
    private static readonly Currency Usd = Currency.Parse("USD");
    private static readonly Currency Eur = Currency.Parse("EUR");

    [Fact]
    public void Add_OneCurrency_AddsMinorUnits() => Assert.Equal(new Money(2999, Usd), new Money(2900, Usd) + new Money(99, Usd));

    [Fact]
    public void Subtract_MoreThanThereIs_IsNegative() => Assert.Equal(new Money(-1, Usd), new Money(0, Usd) - new Money(1, Usd));

    [Fact]
    public void Add_AtTheEndOfTheRange_Throws()
    {
        Assert.Equal(long.MaxValue, (new Money(long.MaxValue - 1, Usd) + new Money(1, Usd)).MinorUnits);
        Assert.Throws<OverflowException>(() => new Money(long.MaxValue, Usd) + new Money(1, Usd));
    }

    [Fact]
    public void Subtract_AtTheEndOfTheRange_Throws()
    {
        Assert.Equal(long.MinValue, (new Money(long.MinValue + 1, Usd) - new Money(1, Usd)).MinorUnits);
        Assert.Throws<OverflowException>(() => new Money(long.MinValue, Usd) - new Money(1, Usd));
        Assert.Throws<OverflowException>(() => new Money(0, Usd) - new Money(long.MinValue, Usd));
    }

    [Fact]
    public void Arithmetic_TwoCurrencies_NeverMixes()
    {
        var (dollar, euro) = (new Money(1, Usd), new Money(1, Eur));
        Assert.Throws<InvalidOperationException>(() => dollar + euro);
        Assert.Throws<InvalidOperationException>(() => dollar - euro);
        Assert.Throws<InvalidOperationException>(() => dollar < euro);
        Assert.Throws<InvalidOperationException>(() => dollar >= euro);
        Assert.Throws<InvalidOperationException>(() => Money.Min(dollar, euro));
        Assert.Throws<InvalidOperationException>(() => ((Money[])[dollar, euro]).Sum(Usd, m => m));
        Assert.NotEqual(dollar, euro);
    }

    [Theory]
    [InlineData(-1, false, false)]
    [InlineData(0, true, false)]
    [InlineData(1, false, true)]
    public void IsZeroAndIsPositive_AroundZero_SayWhatItIs(long minorUnits, bool isZero, bool isPositive)
    {
        var money = new Money(minorUnits, Usd);
        Assert.Equal((isZero, isPositive), (money.IsZero, money.IsPositive));
    }

    [Fact]
    public void Compare_OneCurrency_OrdersByAmount()
    {
        var (less, more) = (new Money(1, Usd), new Money(2, Usd));
        Assert.True(less < more && more > less && less <= more && more >= less);
        Assert.True(less <= new Money(1, Usd) && less >= new Money(1, Usd));
        Assert.Equal(less, Money.Min(less, more));
        Assert.Equal(less, Money.Min(more, less));
    }

    [Fact]
    public void Sum_NothingToAdd_IsZeroOfTheCurrency()
    {
        Assert.Equal(Money.Zero(Usd), Array.Empty<Money>().Sum(Usd, m => m));
        Assert.Equal(new Money(6, Usd), ((long[])[1, 2, 3]).Sum(Usd, n => new Money(n, Usd)));
    }

    [Theory]
    [InlineData(2900, "USD", "29.00 USD")]
    [InlineData(5, "USD", "0.05 USD")]
    [InlineData(-5, "USD", "-0.05 USD")]
    [InlineData(0, "USD", "0.00 USD")]
    [InlineData(500, "JPY", "500 JPY")]
    [InlineData(0, "JPY", "0 JPY")]
    [InlineData(1234, "KWD", "1.234 KWD")]
    [InlineData(1, "KWD", "0.001 KWD")]
    [InlineData(1_000_000_000_000, "USD", "10000000000.00 USD")]
    [InlineData(long.MaxValue, "USD", "92233720368547758.07 USD")]
    [InlineData(long.MinValue, "KWD", "-9223372036854775.808 KWD")]
    public void ToString_ByDecimals_ReadsAsAPersonWrites(long minorUnits, string currency, string expected) =>
        Assert.Equal(expected, new Money(minorUnits, Currency.Parse(currency)).ToString());

    [Theory]
    [InlineData(2000, "USD", "\"2000 USD\"")]
    [InlineData(-1, "JPY", "\"-1 JPY\"")]
    [InlineData(long.MinValue, "KWD", "\"-9223372036854775808 KWD\"")]
    [InlineData(long.MaxValue, "KWD", "\"9223372036854775807 KWD\"")]
    public void Json_Money_IsOneStringBothWays(long minorUnits, string currency, string json)
    {
        var money = new Money(minorUnits, Currency.Parse(currency));
        Assert.Equal(json, JsonSerializer.Serialize(money));
        Assert.Equal(money, JsonSerializer.Deserialize<Money>(json));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"2000\"")]
    [InlineData("\"2000USD\"")]
    [InlineData("\"2000  USD\"")]
    [InlineData("\"20.00 USD\"")]
    [InlineData("\"2,000 USD\"")]
    [InlineData("\" 2000 USD\"")]
    [InlineData("\"2000 usd\"")]
    [InlineData("\"2000 XXX\"")]
    [InlineData("\"2000 USD \"")]
    [InlineData("\"9223372036854775808 USD\"")]
    [InlineData("null")]
    public void Json_AnythingElse_Throws(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Money>(json));
}
