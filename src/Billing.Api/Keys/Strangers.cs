namespace Billing.Api.Keys;

/// <summary>Whoever comes without a key or a link that is known. What they may try is bounded for each client address.</summary>
internal sealed class Strangers(RateLimits limits, TimeProvider time)
{
    private readonly RecentCounts _failures = new(limits.FailuresPerMinute, TimeSpan.FromMinutes(1), time);

    /// <summary>What is wrong, or that it was wrong too often.</summary>
    public Problem Refuse(HttpContext http, Problem wrong)
    {
        var name = RecentCounts.NameOf(http.Connection.RemoteIpAddress);
        if (_failures.Wait(name) is { } wait) return Problem.Later(Problems.RateLimited, "This address has come too often with a key or a link that is not known.", wait);
        _failures.Add(name);
        return wrong;
    }
}
