using System.Globalization;
using System.Text.Json;
using Billing.Domain;
using Billing.Embedded.Storage;
using Billing.Simulation.Histories;
using Billing.Simulation.Installations;
using NodaTime;

namespace Billing.Simulation.Checks;

/// <summary>Whatever was before: when nothing is paid, what the forecast told is what happens.</summary>
internal static class Foresight
{
    /// <summary>So far is looked ahead: longer than the longest ladder, count of days and cycle of the histories' policies.</summary>
    private static readonly Duration s_ahead = Duration.FromDays(45);

    /// <summary>A healthy account is found by the sweepers, so its renewal, and what that leads to, is a little late.</summary>
    private static readonly Duration s_late = Duration.FromMinutes(2);

    private static readonly string[] s_told =
    [
        "standing.changed", "invoice.unpaid", "invoice.cancelled", "invoice.issued", "subscription.renewed", "subscription.cancelled", "subscription.past_due",
        "resource.ordered", "resource.revoked", "notice.sent", "invoice.paid", "rung.ended",
    ];

    private static readonly string[] s_names = ["standing", "before", "invoice", "rung", "result", "subscription", "resource", "action", "notice"];

    /// <summary>Lets what is under way end, asks for the forecast, and lives until its dates with a gateway that takes no money.</summary>
    public static void Check(Installation world, Actor actor)
    {
        world.Gateway.TakesNoMoney = true;
        // Whoever was not answered asks again in a second.
        world.Advance(Duration.FromMinutes(1));
        for (var i = 0; i < 12 * 24 && !IsQuiet(world, actor); i++) world.Advance(Duration.FromHours(1));
        if (!IsQuiet(world, actor)) throw new CheckFailedException("twelve days after the last fault something is still under way");

        var account = world.Account(actor.Account);
        var forecast = Forecast.Of(world.Mutation.Foreseen?.Invoke(account) ?? account, world.Policies.Book, world.Now)!;
        var until = Instant.Min(Instant.Min(forecast.Until, world.Now + s_ahead), FirstTie(account, forecast) ?? Instant.MaxValue);
        var read = world.Events(actor.Account)[^1].Seq;
        world.Note($"the forecast tells {string.Join("; ", forecast.Entries.TakeWhile(entry => entry.At <= until).Select(entry => $"{entry.At} {What(entry)}"))}");
        world.Advance(until - world.Now + s_late);

        var happened = world.Events(actor.Account, read).Where(e => IsTold(e.Type, Text(e, "result"))).Select(e => (At: Instant.FromDateTimeOffset(e.EffectiveAt), What: What(e)));
        var foretold = forecast.Entries.Where(entry => IsTold(entry.Kind, entry.Result)).Select(entry => (entry.At, What: What(entry)));
        Compare([.. happened.OrderBy(line => line.At)], [.. foretold], until);
    }

    /// <summary>
    /// Just before the first instant at which it matters what comes first. The forecast has it in the order of the rules; in real
    /// time nobody orders two grains, and a renewal is a little late.
    /// </summary>
    private static Instant? FirstTie(AccountState account, Forecast forecast) =>
        forecast.Entries.GroupBy(entry => entry.At).FirstOrDefault(instant => IsTie(account, forecast.Entries, [.. instant]))?.Key - s_late - s_late;

    private static bool IsTie(AccountState account, IReadOnlyList<ForecastEntry> foretold, ForecastEntry[] instant)
    {
        var attempted = instant.Where(entry => entry.Kind == "rung.ended").Select(entry => entry.Invoice).ToHashSet(StringComparer.Ordinal);
        if (instant.Any(entry => entry.Kind == "invoice.cancelled" && attempted.Contains(entry.Invoice))) return true;
        // Several attempts at once share the money on hand.
        if (attempted.Count > 1 && !account.Prepayment.IsEmpty) return true;
        if (instant.Any(entry => entry.Kind == "subscription.cancelled" && IsAtRenewal(account.Subscriptions.FirstOrDefault(subscription => subscription.Id == entry.Subscription)?.NextBillingAt, entry.At))) return true;
        return instant.Any(entry => entry.Kind == "subscription.renewed" && foretold.TakeWhile(other => other != entry).Any(other => IsStep(other) && other.At >= entry.At - s_late));
    }

    /// <summary>A little later, when what ends the subscription comes in real time, it has been renewed once more. Every cycle of the histories is of whole days.</summary>
    private static bool IsAtRenewal(Instant? next, Instant at) =>
        next is not { } renewal || Math.Abs((at - renewal).TotalDays - Math.Round((at - renewal).TotalDays)) * Duration.FromDays(1) <= s_late;

    private static bool IsStep(ForecastEntry entry) => entry.Kind is "standing.changed" or "invoice.cancelled";

    /// <summary>
    /// Whether nothing is under way, and no gateway has yet to say whether an operator was right. A payment that automatic payment, switched
    /// off, holds back waits for an operator.
    /// </summary>
    private static bool IsQuiet(Installation world, Actor actor) =>
        world.IsSettled && world.Payments.All(payment => payment.Attempts.All(attempt => attempt.SaidByHand is null)) && world.Account(actor.Account) is var account && account.Payments.All(payment => payment.Status == PaymentStatus.Created && account.Controls.AutoPayOffSince is not null);

    /// <summary>Each thing that was told happens within the lateness of it, and nothing else does.</summary>
    private static void Compare(List<(Instant At, string What)> happened, IReadOnlyList<(Instant At, string What)> foretold, Instant until)
    {
        foreach (var told in foretold.Where(told => told.At <= until))
        {
            var found = happened.FindIndex(line => line.What == told.What && line.At >= told.At && line.At <= told.At + s_late);
            Net.Require(found >= 0, () => $"the forecast told {told}, and it did not happen; what did: {string.Join("; ", happened.Take(5))}");
            happened.RemoveAt(found);
        }

        Net.Require(happened.All(line => line.At > until), () => $"no forecast told {happened[0]}");
    }

    /// <summary>A rung that passes without an attempt is none that anybody waits for; whether a small invoice rides on another's charge of that instant is no matter either.</summary>
    private static bool IsTold(string type, string? result) => s_told.Contains(type, StringComparer.Ordinal) && (type != "rung.ended" || result == "failed");

    private static string What(MemoryEvent e) => string.Join(' ', new[] { e.Type }.Concat(s_names.Select(name => Text(e, name)).OfType<string>()));

    private static string What(ForecastEntry entry) => string.Join(' ', new[]
    {
        entry.Kind, entry.Standing, entry.Before, entry.Invoice, entry.Rung?.ToString(CultureInfo.InvariantCulture), entry.Result, entry.Subscription, entry.Resource, entry.Action, entry.Notice,
    }.OfType<string>());

    private static string? Text(MemoryEvent e, string name) => e.Data.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null;
}
