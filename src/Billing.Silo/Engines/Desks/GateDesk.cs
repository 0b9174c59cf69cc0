#if ORLEANS
using Billing.Grains.Interfaces;

namespace Billing.Silo.Desks;

/// <summary>
/// The way to a silo's desk. One message is under way at a time; what is asked meanwhile goes together with the next one. So
/// a single question waits for nothing, and a thousand at once are two messages.
/// </summary>
/// <param name="desk">The desk.</param>
/// <param name="tell">Is told why a message was not answered.</param>
internal sealed class GateDesk(IGateDeskGrain desk, Action<Exception> tell)
{
    /// <summary>The most questions of one message.</summary>
    public const int MostQuestions = 1000;

    private readonly Lock _turn = new();
    private readonly Queue<Asked> _waiting = new();
    private bool _isAsking;

    /// <summary>The gate's answer; <see langword="null"/> where the account's own grain has to be asked: it is not there any more, or has none, or the silo is not there.</summary>
    /// <exception cref="TimeoutException">The silo does not answer.</exception>
    public Task<GateResult?> AskAsync(string account, GateCall call)
    {
        var asked = new Asked(DeskQuestion.Of(account, call));
        lock (_turn)
        {
            _waiting.Enqueue(asked);
            if (_isAsking) return asked.Task;
            _isAsking = true;
        }

        // What follows is of everybody: it is not to be traced as the first one's, nor to keep its request alive.
        using (ExecutionContext.SuppressFlow()) _ = AskAllAsync();
        return asked.Task;
    }

    private async Task AskAllAsync()
    {
        while (Next() is { Length: > 0 } asked)
        {
            try
            {
                var answers = await desk.Check([.. asked.Select(one => one.Question)]);
                for (var i = 0; i < asked.Length; i++) asked[i].SetResult(answers[i] is { } answer ? new GateResult(answer.Read()) : null);
            }
            catch (TimeoutException silence)
            {
                // Nor would it answer those who have waited for this message; they have waited long enough.
                foreach (var one in asked.Concat(Rest())) one.TrySetException(silence);
            }
            catch (Exception failure)
            {
                // Whatever it was: the account's own grain is asked next, and says it better to the caller.
                tell(failure);
                foreach (var one in asked.Concat(Rest())) one.TrySetResult(null);
            }
        }
    }

    /// <summary>What goes with the next message; where there is nothing, whoever asks next sends it.</summary>
    private Asked[] Next()
    {
        lock (_turn)
        {
            _isAsking = _waiting.Count > 0;
            var next = new Asked[Math.Min(MostQuestions, _waiting.Count)];
            for (var i = 0; i < next.Length; i++) next[i] = _waiting.Dequeue();
            return next;
        }
    }

    private Asked[] Rest()
    {
        lock (_turn)
        {
            var rest = _waiting.ToArray();
            _waiting.Clear();
            return rest;
        }
    }

    private sealed class Asked(DeskQuestion question) : TaskCompletionSource<GateResult?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public DeskQuestion Question => question;
    }
}
#endif
