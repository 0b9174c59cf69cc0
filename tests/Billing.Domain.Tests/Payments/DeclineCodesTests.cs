namespace Billing.Domain.Tests;

public sealed class DeclineCodesTests
{
    [Theory]
    [InlineData("lost_card", true, true)]
    [InlineData("stolen_card", true, true)]
    [InlineData("pickup_card", true, true)]
    [InlineData("invalid_account", true, true)]
    [InlineData("account_closed", true, true)]
    [InlineData("revocation_of_all_authorizations", true, true)]
    [InlineData("revocation_of_authorization", true, false)]
    [InlineData("transaction_not_allowed", true, false)]
    [InlineData("not_permitted", true, false)]
    [InlineData("restricted_card", true, false)]
    [InlineData("insufficient_funds", false, false)]
    [InlineData("Stolen_Card", false, false)]
    [InlineData("", false, false)]
    [InlineData(null, false, false)]
    public void Code_EndsTheMethodAsTheNetworksSay(string? code, bool isHard, bool isFinal)
    {
        Assert.Equal(isHard, DeclineCodes.IsHard(code));
        Assert.Equal(isFinal, DeclineCodes.IsFinal(code));
    }
}
