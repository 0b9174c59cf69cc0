#if ORLEANS
using Billing.Silo.Desks;
using Orleans.Runtime;

namespace Billing.Silo;

/// <summary>
/// A silo that is leaving turns away calls that it has not given to any grain. Nothing has happened then, be it a read or a
/// payment, so the call is made again until the client's list of silos knows better. But a silo's desk goes with it, and the
/// accounts themselves are asked.
/// </summary>
internal sealed class LeavingSilos(TimeProvider time) : IOutgoingGrainCallFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                await context.Invoke();
                return;
            }
            catch (OrleansMessageRejectionException leaving) when (IsTurnedAway(leaving) && context.Grain is not IGateDeskGrain && time.GetElapsedTime(started) < Most)
            {
                await Task.Delay(Pause, time);
            }
        }
    }

    /// <summary>Said where a call is addressed, before it is delivered. A silo that is lost with a call says otherwise, and then nobody knows what has happened.</summary>
    private static bool IsTurnedAway(OrleansMessageRejectionException leaving) =>
        leaving.Message.EndsWith("' is shutting down.", StringComparison.Ordinal) || leaving.Message.StartsWith("Silo stopping", StringComparison.Ordinal);
}
#endif
