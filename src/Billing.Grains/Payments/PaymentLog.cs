using Microsoft.Extensions.Logging;

namespace Billing.Grains.Payments;

/// <summary>What payments log.</summary>
internal static partial class PaymentLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Payment {Payment}: the gateway's answer about {GatewayKey} was lost; it is asked later.")]
    public static partial void AnswerLost(ILogger logger, string payment, string gatewayKey, Exception lost);
}
