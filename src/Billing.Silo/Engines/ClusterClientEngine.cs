#if ORLEANS
using Billing.Domain;
using Billing.Grains.Interfaces;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Billing.Silo;

/// <summary>
/// What an API host knows of its silos. It tries to find one for as long as the process lives: a silo may come later than
/// the API, and all of them may be away for a while.
/// </summary>
/// <remarks>
/// Implementation note: only before the first connection a call must not be tried, for the client does not know yet which
/// grains there are. Later each call is itself the try to connect again, so calls are let through and fail as unavailable.
/// </remarks>
internal sealed partial class ClusterClientEngine(IServiceProvider services, ClusterSettings settings, TimeProvider time, ILogger<ClusterClientEngine> logger)
    : IEngineStatus, IClientConnectionRetryFilter, ILifecycleParticipant<IClusterClientLifecycle>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private const int LogEvery = 30;

    private volatile bool _hasConnected;
    private int _tries;

    /// <inheritdoc />
    public bool CanServe => _hasConnected;

    /// <inheritdoc />
    public async Task<string?> FindTroubleAsync(CancellationToken cancellationToken)
    {
        if (!_hasConnected) return "No silo of the cluster has been reached yet.";
        try
        {
            await services.GetRequiredService<IGrainFactory>().Brake(GrainKeys.Installation).Read().WaitAsync(Patience, time, cancellationToken);
            return null;
        }
        catch (Exception failure) when (failure is OrleansException or TimeoutException)
        {
            return "No silo of the cluster answers.";
        }
    }

    /// <inheritdoc />
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (_tries++ % LogEvery == 0) LogNotYet(logger, settings.ReconnectEvery, exception);
        await Task.Delay(settings.ReconnectEvery, time, cancellationToken);
        return true;
    }

    /// <inheritdoc />
    public void Participate(IClusterClientLifecycle observer) => observer.Subscribe(nameof(ClusterClientEngine), ServiceLifecycleStage.Last, _ =>
    {
        _hasConnected = true;
        LogConnected(logger);
        return Task.CompletedTask;
    });

    [LoggerMessage(Level = LogLevel.Warning, Message = "No silo could be reached; the next try is in {Wait}. Until then calls are answered 503.")]
    private static partial void LogNotYet(ILogger logger, TimeSpan wait, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The cluster is reached.")]
    private static partial void LogConnected(ILogger logger);
}
#endif
