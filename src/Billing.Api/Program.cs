using Billing.Api;
using Billing.Silo;

try
{
    await using var service = await BillingService.CreateAsync(args);
    await service.App.RunAsync();
    return 0;
}
catch (StartRefusedException refused)
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}
