using Billing.Api;
using Billing.Silo;

return await ServiceProgram.MainAsync(args, async () =>
{
    await using var service = await BillingService.CreateAsync(args);
    await service.App.RunToItsEndAsync();
});
