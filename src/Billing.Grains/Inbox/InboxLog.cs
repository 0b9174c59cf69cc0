using Microsoft.Extensions.Logging;

namespace Billing.Grains.Inbox;

/// <summary>What the matching of gateways' events logs.</summary>
internal static partial class InboxLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Grain}: the event could not be matched; it is matched again within the hour.")]
    public static partial void MatchFailed(ILogger logger, string grain, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events that may wait for {Reference} could not be looked for; they are matched within the hour.")]
    public static partial void AnnounceFailed(ILogger logger, string reference, Exception failure);
}
