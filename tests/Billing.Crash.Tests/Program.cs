using Billing.Crash.Tests.Visits;
using Billing.Crash.Tests.Webhooks;

return args is ["webhooks", .. var rest] ? await WebhookSoak.RunAsync(rest) : await Soak.RunAsync(args);
