using Billing.Crash.Tests.Visits;

return await Soak.RunAsync(args);
