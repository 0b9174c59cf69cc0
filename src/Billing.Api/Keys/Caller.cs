using System.Collections.Immutable;
using System.Threading.RateLimiting;

namespace Billing.Api.Keys;

/// <summary>A key as a process knows it: made once and kept, so that finding it for a call allocates nothing.</summary>
internal sealed class Caller
{
    private static readonly long Coarse = TimeSpan.FromMinutes(1).Ticks;

    /// <summary>The bucket holds what two seconds bring.</summary>
    private const int Burst = 2;

    private readonly Lazy<TokenBucketRateLimiter> _calls;
    private readonly Lazy<TokenBucketRateLimiter> _gateCalls;
    private readonly int _gateCallsAtOnce;
    private long _usedAt;

    public Caller(string id, byte[] hash, IEnumerable<Scope> scopes, DateTimeOffset? expiresAt, RateLimits limits)
    {
        (Id, Hash, ExpiresAt) = (id, hash, expiresAt?.Ticks ?? long.MaxValue);
        foreach (var scope in scopes) Mask |= Needed.MaskOf(scope);
        _calls = new(() => Limiter(limits.CallsPerSecond));
        _gateCalls = new(() => Limiter(limits.GateCallsPerSecond));
        _gateCallsAtOnce = Burst * limits.GateCallsPerSecond;
    }

    /// <summary>The key's id.</summary>
    public string Id { get; }

    /// <summary>The SHA-256 of its secret.</summary>
    public byte[] Hash { get; }

    /// <summary>The bits of its scopes.</summary>
    public int Mask { get; }

    /// <summary>From when it is no longer taken, in ticks.</summary>
    public long ExpiresAt { get; }

    /// <summary>When it was used last, in ticks, to a minute; 0: not by this process.</summary>
    public long UsedAt => Volatile.Read(ref _usedAt);

    /// <summary>What a key is told that asks for more than it may.</summary>
    public static Problem TooMany => Problem.Later(Problems.RateLimited, "The key makes more calls a second than it may.", TimeSpan.FromSeconds(1));

    /// <summary>Who makes a request, where it changes something or is a batch.</summary>
    public static Caller? Of(HttpContext http) => http.Features.Get<Caller>();

    /// <summary>Whether it may do all of a scope.</summary>
    public bool Has(Scope scope) => (Mask & Needed.MaskOf(scope)) != 0;

    /// <summary>Takes note that it was used.</summary>
    public void Use(long ticks)
    {
        if (ticks - Volatile.Read(ref _usedAt) >= Coarse) Volatile.Write(ref _usedAt, ticks);
    }

    /// <summary>Whether it may make another call by now.</summary>
    public bool TryTake(Needed needed)
    {
        using var lease = (needed.IsGate ? _gateCalls : _calls).Value.AttemptAcquire();
        return lease.IsAcquired;
    }

    /// <summary>
    /// Whether a call may ask so many questions of the gate, of which the edge has counted one. More than a burst holds is a whole burst: it
    /// is answered when the key has asked nothing for two seconds, and not never.
    /// </summary>
    public bool TryTakeQuestions(int count)
    {
        // To ask a limiter for nothing means to ask whether there is anything.
        if (Math.Min(count, _gateCallsAtOnce) - 1 is not (> 0 and var more)) return true;
        using var lease = _gateCalls.Value.AttemptAcquire(more);
        return lease.IsAcquired;
    }

    private static TokenBucketRateLimiter Limiter(int perSecond) => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = Burst * perSecond,
        TokensPerPeriod = perSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    });
}
