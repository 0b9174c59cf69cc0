namespace Billing.Domain.Tests;

public sealed class NotYetSupportedTests
{
    [Theory]
    [InlineData("""{"cycle": {"interval": "30d"}}""", "cycle")]
    [InlineData("""{"cycle": {}}""", "cycle")]
    [InlineData("""{"refunds": "refused"}""", "refunds")]
    [InlineData("""{"extensions": "refused"}""", "extensions")]
    [InlineData("""{"requires_subscription": ["credits.use"]}""", "requires_subscription")]
    [InlineData("""{"recovery": {"resources": "automatic"}}""", "recovery.resources")]
    [InlineData("""{"recovery": {"subscription_period": "restart_at_payment"}}""", "recovery.subscription_period")]
    [InlineData("""{"collection": {"on_new_method": "charge"}}""", "collection.on_new_method")]
    [InlineData("""{"collection": {"minimum": {"USD": 50}}}""", "collection.minimum")]
    [InlineData("""{"collection": {"refuse_funding": ["prepaid"]}}""", "collection.refuse_funding")]
    [InlineData("""{"collection": {"crypto_window": "61m"}}""", "collection.crypto_window")]
    [InlineData("""{"collection": {"notices": {"attempt_failed": "attempt_failed"}}}""", "collection.notices.attempt_failed")]
    [InlineData("""{"collection": {"notices": {"before_due": {"at": "-3d"}}}}""", "collection.notices.before_due")]
    [InlineData("""{"invoice": {"cancel_after": "0d"}}""", "invoice.cancel_after")]
    [InlineData("""{"invoice": {"cancel_cancels_subscription": true}}""", "invoice.cancel_cancels_subscription")]
    [InlineData("""{"standings": [{"name": "a", "when": {"tagged": "x"}, "requires_notice": [{}]}]}""", "standings[0].requires_notice")]
    [InlineData("""{"standings": [{"name": "a", "when": {"tagged": "x"}, "on_enter": ["power_down"]}]}""", "standings[0].on_enter[0]")]
    [InlineData("""{"standings": [{"name": "a", "when": {"tagged": "x"}, "on_enter": ["notice:a", "delete_resources"]}]}""", "standings[0].on_enter[1]")]
    public void Parse_KnownButNotDoneYet_Refused(string json, string path) =>
        Reading.Refused(Reading.Of(json), path, "is not supported by this version yet.");

    [Theory]
    [InlineData("""{"cycle": null}""")]
    [InlineData("""{"refunds": "offered", "extensions": "offered", "requires_subscription": []}""")]
    [InlineData("""{"recovery": {"resources": "manual", "subscription_period": "keep", "source": "s"}}""")]
    [InlineData("""{"collection": {"on_new_method": "nothing", "minimum": {"source": "s"}, "refuse_funding": [], "notices": {"before_due": null}}}""")]
    [InlineData("""{"collection": {"crypto_window": "1h"}}""")]
    [InlineData("""{"invoice": {"cancel_after": null, "cancel_cancels_subscription": false}}""")]
    [InlineData("""{"standings": [{"name": "a", "when": {"tagged": "x"}, "requires_notice": []}]}""")]
    public void Parse_ItsDefault_Accepted(string json) => Reading.Valid(Reading.Of(json));

    [Theory]
    [InlineData("""{"cycle": 1}""", "cycle", "object")]
    [InlineData("""{"refunds": "no"}""", "refunds", "\"offered\" or \"refused\"")]
    [InlineData("""{"requires_subscription": {}}""", "requires_subscription", "array")]
    [InlineData("""{"recovery": {"resource": "manual"}}""", "recovery.resource", "Did you mean resources?")]
    [InlineData("""{"collection": {"minimum": []}}""", "collection.minimum", "object")]
    [InlineData("""{"collection": {"crypto_window": 60}}""", "collection.crypto_window", "duration")]
    [InlineData("""{"collection": {"notices": {"atempt_failed": null}}}""", "collection.notices.atempt_failed", "Did you mean attempt_failed?")]
    [InlineData("""{"invoice": {"cancel_after": "soon"}}""", "invoice.cancel_after", "duration")]
    [InlineData("""{"invoice": {"cancel_cancels_subscription": null}}""", "invoice.cancel_cancels_subscription", "true or false")]
    public void Parse_WrongAnyway_SaysWhatIsWrong(string json, string path, string reason) => Reading.Refused(Reading.Of(json), path, reason);
}
