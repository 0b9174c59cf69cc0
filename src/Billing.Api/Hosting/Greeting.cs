using Billing.Silo;

namespace Billing.Api.Hosting;

/// <summary>Says at start what whoever starts it has to know: where the key is, and when nothing outlives the process.</summary>
internal sealed partial class Greeting(AdminKey key, StoreKind store, IHostEnvironment environment, ILogger<Greeting> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (store.IsMemory) LogMemory(logger, store.Explanation);
        if (key.File is not { } file) return Task.CompletedTask;
        LogKeyFile(logger, file);

        // The one place that shows a key: on the developer's own console, and in no log.
        if (environment.IsDevelopment()) Console.WriteLine($"admin key: {File.ReadAllText(file).Trim()}");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "The admin key is in {File}.")]
    private static partial void LogKeyFile(ILogger logger, string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Running on the in-memory store: nothing outlives this process. {Explanation}")]
    private static partial void LogMemory(ILogger logger, string? explanation);
}
