using Billing.Grains.Interfaces.Index;
using Billing.Grains.Interfaces.Webhooks;

namespace Billing.Grains.Webhooks;

/// <summary>What an endpoint needs of the world outside, beyond what every grain does.</summary>
/// <param name="Events">The log that it reads.</param>
/// <param name="Sender">Sends.</param>
/// <param name="Attempts">Where attempts are noted.</param>
/// <param name="TestAccounts">Tells test accounts from live ones.</param>
/// <param name="Chance">Spreads what is tried again.</param>
/// <param name="Schedule">When it is tried again.</param>
public sealed record WebhookPorts(IEventLog Events, IWebhookSender Sender, IDeliveryLog Attempts, ITestAccounts TestAccounts, IChance Chance, WebhookSchedule Schedule);
