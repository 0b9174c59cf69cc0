using Billing.Silo;

var builder = WebApplication.CreateBuilder(args);
await using var store = await builder.AddBillingAsync();
var app = builder.Build();
await app.RunAsync();
