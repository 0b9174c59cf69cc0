using System.Globalization;
using Billing.Crash.Tests.Processes;

namespace Billing.Crash.Tests.Webhooks;

/// <summary>
/// The long visit of the doors: 2,000 webhooks, each sent one to five times in no order, and every event out to a subscriber that
/// fails a third of the time, while the process is killed at random moments.
/// </summary>
internal static class WebhookSoak
{
    /// <summary>Runs it, and prints what was sent and what is wrong.</summary>
    /// <param name="args">Webhooks (2000), kills (20), seed (1).</param>
    /// <returns>0 where nothing is wrong.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var (webhooks, kills, seed) = (At(0, 2_000), At(1, 20), At(2, 1));
        await using var installation = await Installation.CreateAsync("webhook_soak", WebhookVisit.Settings);
        var visit = await WebhookVisit.MakeAsync(installation, webhooks, accounts: 50, kills, seed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{webhooks} webhooks sent {visit.Sent} times, {visit.Repeated} of them again for want of an answer; {visit.Events} events delivered in {visit.Deliveries} attempts, {visit.Failed} of them failed; {visit.Kills} kills; {visit.Took.TotalSeconds:0} s; {visit.Wrong.Count} wrong"));
        foreach (var wrong in visit.Wrong) Console.WriteLine("  " + wrong);
        return visit.Wrong.Count == 0 ? 0 : 1;

        int At(int i, int otherwise) => args.Length > i ? int.Parse(args[i], CultureInfo.InvariantCulture) : otherwise;
    }
}
