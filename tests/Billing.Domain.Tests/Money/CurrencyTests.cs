using System.Text.Json;

namespace Billing.Domain.Tests;

public sealed class CurrencyTests
{
    [Theory]
    [InlineData("USD", 2)]
    [InlineData("JPY", 0)]
    [InlineData("KWD", 3)]
    public void TryParse_CodeOfTheList_HasItsDecimals(string code, int decimals)
    {
        Assert.True(Currency.TryParse(code, out var currency));
        Assert.Equal((code, decimals), (currency.Code, currency.Decimals));
        Assert.Equal(currency, JsonSerializer.Deserialize<Currency>(JsonSerializer.Serialize(currency)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("usd")]
    [InlineData("US")]
    [InlineData("USD ")]
    [InlineData("USD\n")]
    [InlineData("UЅD")] // Cyrillic letter dze
    [InlineData("XXX")]
    [InlineData("DEM")]
    public void TryParse_AnythingElse_Refused(string? code)
    {
        Assert.False(Currency.TryParse(code, out var currency));
        Assert.Equal(default, currency);
    }

    [Fact]
    public void Code_OfDefault_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => default(Currency).Code);
        Assert.Equal("", default(Currency).ToString());
    }

    [Fact]
    public void Parse_NoCurrency_Throws() => Assert.Throws<FormatException>(() => Currency.Parse("XXX"));

    [Fact]
    public void Json_NoCurrency_Throws() => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Currency>("\"XXX\""));
}
