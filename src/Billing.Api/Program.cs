using Billing.Api;
using Billing.Silo;

if (HealthProbe.IsAsked(args)) return await HealthProbe.RunAsync(args);
try
{
    await using var service = await BillingService.CreateAsync(args);
    await service.App.RunAsync();
    return Environment.ExitCode;
}
catch (StartRefusedException refused)
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}
