using Billing.Silo;

var builder = WebApplication.CreateBuilder(args);
await using var store = await builder.AddBillingAsync();
builder.AddBillingApi();
await using var app = builder.Build();
app.UseBillingApi();
await app.RunAsync();
