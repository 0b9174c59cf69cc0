using System.Text.Json;
using Billing.Api.Webhooks;
using Billing.Domain;
using Xunit;

namespace Billing.Api.Tests.Webhooks;

/// <summary>An inquiry of a customer's bank has moved no money yet, so it opens no dispute.</summary>
public sealed class StripeInquiryTests
{
    [Theory]
    [InlineData("charge.dispute.created", "warning_needs_response", null)]
    [InlineData("charge.dispute.created", "warning_under_review", null)]
    [InlineData("charge.dispute.created", "needs_response", GatewayFact.DisputeOpened)]
    [InlineData("charge.dispute.funds_withdrawn", "needs_response", GatewayFact.DisputeOpened)]
    [InlineData("charge.dispute.closed", "lost", GatewayFact.DisputeLost)]
    public void Dispute_OpensWithTheMoneyAndNotBefore(string type, string status, GatewayFact? fact)
    {
        var dispute = JsonElement.Parse($$"""{"id": "dp_1", "object": "dispute", "payment_intent": "pi_1", "amount": 500, "currency": "usd", "status": "{{status}}"}""");

        Assert.Equal(fact, StripeEvents.Read("evt_1", type, at: null, dispute)?.Fact);
    }
}
