namespace Billing.Domain.Tests;

public sealed class IdsTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("Z")]
    [InlineData("a.b_c:d-e")]
    [InlineData("a..")]
    [InlineData("00000000000000000000000000000000")]
    public void IsValid_LettersDigitsAndMarks_Accepted(string id) => Assert.True(Ids.IsValid(id));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("-a")]
    [InlineData("_a")]
    [InlineData(":a")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a%2e")]
    [InlineData("a~b")]
    [InlineData("~")]
    [InlineData("a\0")]
    [InlineData("\0")]
    [InlineData("a\n")]
    [InlineData("a\r\n")]
    [InlineData("\na")]
    [InlineData("\u0430")] // Cyrillic a
    [InlineData("a\u0435")] // Cyrillic ie
    [InlineData("a\uFF0E")] // full-width full stop
    [InlineData("\uFF21")] // full-width A
    [InlineData("a\u0661")] // Arabic-Indic one
    [InlineData("\u212A")] // the Kelvin sign, which folds to k
    [InlineData("a\u0131")] // dotless i
    [InlineData("a\u200B")] // zero-width space
    [InlineData("a\uD83D\uDE00")]
    public void IsValid_AnythingElse_Refused(string? id) => Assert.False(Ids.IsValid(id));

    [Theory]
    [InlineData(1, true)]
    [InlineData(127, true)]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void IsValid_LongId_AtMostOneHundredAndTwentyEight(int length, bool expected)
    {
        Assert.Equal(expected, Ids.IsValid(new string('a', length)));
        Assert.Equal(expected, length <= Ids.MaxLength);
    }

    [Fact]
    public void DerivedNames_OfTheLongestIds_AreNoCallersIdAndFit()
    {
        var longest = new string('a', Ids.MaxLength);
        string[] names = [Ids.RungPayment(longest, int.MaxValue), Ids.BalanceInvoice(longest, int.MaxValue), Ids.RungPayment(Ids.BalanceInvoice(longest, 1), 1)];
        Assert.All(names, name => Assert.False(Ids.IsValid(name)));
        Assert.All(names, name => Assert.True(name.Length <= Ids.MaxDerivedLength));
        Assert.Equal("inv~3", Ids.RungPayment("inv", 3));
        Assert.Equal("acct~balance~2", Ids.BalanceInvoice("acct", 2));
        Assert.Equal("inv~3/1", Ids.GatewayKey("inv~3", 1));
    }

    [Fact]
    public void PaymentByHand_SameRequest_SameValidId()
    {
        var id = Ids.PaymentByHand("a", "/v1/accounts/a/pay", "k");
        Assert.Equal(id, Ids.PaymentByHand("a", "/v1/accounts/a/pay", "k"));
        Assert.True(Ids.IsValid(id));
        Assert.NotEqual(id, Ids.PaymentByHand("b", "/v1/accounts/a/pay", "k"));
        Assert.NotEqual(id, Ids.PaymentByHand("a", "/v1/accounts/a/pay", "K"));
    }

    [Fact]
    public void Hash_PartsCutElsewhere_Differ()
    {
        Assert.NotEqual(Ids.Hash("ab", "c"), Ids.Hash("a", "bc"));
        Assert.NotEqual(Ids.Hash("a"), Ids.Hash("a", ""));
        Assert.NotEqual(Ids.Hash("1:a", "b"), Ids.Hash("1:a1:b"));
        Assert.Matches(@"\A[0-9a-f]{32}\z", Ids.Hash("a"));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a:b")]
    [InlineData("acct")]
    public void GrainKeys_OfAnId_GiveItBack(string id)
    {
        string[] keys = [GrainKeys.Account(id), GrainKeys.Invoice(id), GrainKeys.Payment(id), GrainKeys.Policy(id), GrainKeys.TestClock(id)];
        Assert.All(keys, key => Assert.Equal(id, GrainKeys.Id(key)));
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }
}
