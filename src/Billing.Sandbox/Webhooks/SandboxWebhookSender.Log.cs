using Microsoft.Extensions.Logging;

namespace Billing.Sandbox;

internal sealed partial class SandboxWebhookSender
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Event {Event} of the sandbox was answered {Status} at try {Tries}; it is sent again.")]
    private static partial void LogNotAcknowledged(ILogger logger, string @event, int tries, int status);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Event {Event} of the sandbox did not reach the webhook at try {Tries}: {Reason}")]
    private static partial void LogNotReached(ILogger logger, string @event, int tries, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sandbox could not read what it has to tell; it looks again.")]
    private static partial void LogClaimFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sandbox could not note what became of event {Event}; it is sent again.")]
    private static partial void LogNotRecorded(ILogger logger, string @event, Exception exception);
}
