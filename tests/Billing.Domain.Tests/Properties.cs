using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Billing.Domain.Tests;

/// <summary>
/// How many cases a property tries. An ordinary run tries the same ones each time, so that it says something about the
/// change and not about luck; <c>BILLING_CASES=5000 dotnet test tests/Billing.Domain.Tests</c> goes looking for new ones.
/// </summary>
internal static class Properties
{
    private const ulong Seed = 20260301;
    private const ulong Gamma = 17;

    /// <summary>The configuration of a property that ordinarily tries so many cases.</summary>
    public static Config Of(int cases)
    {
        var wanted = Environment.GetEnvironmentVariable("BILLING_CASES");
        return string.IsNullOrEmpty(wanted)
            ? Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(Seed, Gamma)
            : Config.QuickThrowOnFailure.WithMaxTest(int.Parse(wanted, CultureInfo.InvariantCulture));
    }
}
