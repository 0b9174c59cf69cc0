using Billing.Api;

await using var service = await BillingService.CreateAsync(args);
await service.App.RunAsync();
