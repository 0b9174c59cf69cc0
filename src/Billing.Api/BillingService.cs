using Billing.Silo;
using Billing.Silo.Postgres;

namespace Billing.Api;

/// <summary>The whole service, built and not yet started: a host with everything in it, and the store that outlives the host.</summary>
internal sealed class BillingService : IAsyncDisposable
{
    private readonly BillingStore _store;

    private BillingService(WebApplication app, BillingStore store) => (App, _store) = (app, store);

    /// <summary>The host.</summary>
    public WebApplication App { get; }

    /// <summary>Where the database is; <see langword="null"/> where all is in memory.</summary>
    public string? ConnectionString => _store.ConnectionString;

    /// <summary>Opens the store and builds the host; what is wrong with the configuration is said here.</summary>
    public static async Task<BillingService> CreateAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        var store = await builder.AddBillingAsync();
        try
        {
            builder.AddBillingApi();
            var app = builder.Build();
            app.UseBillingApi();
            return new BillingService(app, store);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _store.DisposeAsync();
    }
}
