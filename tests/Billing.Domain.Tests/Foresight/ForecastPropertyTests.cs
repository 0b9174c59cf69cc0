using System.Collections.Immutable;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;

namespace Billing.Domain.Tests.Foresight;

/// <summary>Whatever was before: when nothing is paid, what the forecast told is what happens, instant by instant.</summary>
public sealed class ForecastPropertyTests
{
    private const int Histories = 150;

    private static readonly string[] Told =
    [
        "standing.changed", "invoice.unpaid", "invoice.cancelled", "invoice.issued", "subscription.renewed", "subscription.cancelled", "subscription.past_due",
        "subscription.activated", "resource.ordered", "resource.revoked", "notice.sent", "credit.applied", "invoice.paid", "rung.ended",
    ];

    [Fact]
    public void Forecast_WhenNothingIsPaid_IsWhatHappens() => Holds((history, seed) =>
    {
        var world = Past.Of(history, seed);
        var forecast = Forecast.Of(world.Account(), world.Policies, world.Now)!;
        var before = world.Events.Count;
        world.AdvanceTo(forecast.Until);

        // A rung that passes without an attempt is none that anybody waits for: invoice.paid says it, or nothing does.
        var happened = world.Events.Skip(before).Where(e => Told.Contains(e.Type) && e.Data["result"]?.ToString() is not ("missed" or "paid")).Select(Line);
        var foretold = forecast.Entries.Where(entry => Told.Contains(entry.Kind)).Select(Line);
        AssertSame(Instants(happened, forecast), Instants(foretold, forecast));
        return true;
    });

    [Fact]
    public void Next_IsTheFirstStepOfTheForecast_UnlessARenewalComesBefore() => Holds((history, seed) =>
    {
        var world = Past.Of(history, seed);
        Agreement.Assert(world);
        return true;
    });

    [Fact]
    public void Forecast_OfNobody_IsNone() => Assert.Null(Forecast.Of(new AccountState(), Some.Book("""{"standings": []}"""), Days.Start));

    private static void AssertSame(string[] happened, string[] foretold)
    {
        var first = happened.Zip(foretold).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.True(first == happened.Length && first == foretold.Length, $"happened: {string.Join("; ", happened.Skip(first).Take(5))} — foretold: {string.Join("; ", foretold.Skip(first).Take(5))}");
    }

    private static string[] Instants(IEnumerable<(Instant At, string What)> lines, Forecast forecast) =>
        [.. lines.Where(line => !forecast.IsTruncated || line.At < forecast.Until).OrderBy(line => line.At).ThenBy(line => line.What, StringComparer.Ordinal).Select(line => $"{line.At} {line.What}")];

    private static (Instant, string) Line(ForecastEntry entry) => (entry.At, string.Join(' ', new[]
    {
        entry.Kind, entry.Standing, entry.Before, entry.Invoice, entry.Rung?.ToString(CultureInfo.InvariantCulture), entry.Result, entry.Subscription, entry.Resource, entry.Action, entry.Notice, entry.Credit,
    }.OfType<string>()));

    private static (Instant, string) Line(Event e) => (e.EffectiveAt, string.Join(' ', new[] { e.Type }.Concat(
        new[] { "standing", "before", "invoice", "rung", "result", "subscription", "resource", "action", "notice", "credit" }.Select(name => e.Data[name]?.ToString()).OfType<string>())));

    private static void Holds(Func<IReadOnlyList<int>, int, bool> property) => Check.One(Properties.Of(Histories), Prop.ForAll(
        Gen.ListOf(Gen.Choose(0, 99_999)).ToArbitrary(), Gen.Choose(0, 1_000_000).ToArbitrary(), (history, seed) => property([.. history], seed)));
}
