namespace Billing.Api.Webhooks;

/// <summary>What reading webhooks logs: ids, never a body or a signature.</summary>
internal static partial class WebhookLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Stripe's event {Event} is of {Mode} mode and the API key is of the other; it has no effect. Look at the endpoints of Stripe's dashboard.")]
    public static partial void OtherMode(ILogger logger, string @event, string mode);
}
