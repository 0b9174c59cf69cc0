using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>Time. It moves from due instant to due instant, in the order of the house; or leaps, as when everybody slept.</summary>
internal sealed partial class World
{
    /// <summary>Who is still due after so many wake-ups at one instant will always be.</summary>
    private const int MostWakeUps = 100;

    /// <summary>Moves to an instant; on the way everything happens when it is due.</summary>
    public void AdvanceTo(Instant target)
    {
        Drain();
        while (NextDue() is { } due && due <= target)
        {
            Now = Instant.Max(due, Now);
            Happen();
        }

        Now = target;
    }

    /// <summary>Moves to an instant while nobody is woken: timers, reminders and sweepers are off.</summary>
    public void SleepUntil(Instant target) => Now = target;

    /// <summary>What is due now happens: outcomes, attempts, steps of standing; each sees what the one before wrote.</summary>
    public void Happen()
    {
        foreach (var (payment, report) in Gateway.Settle(Now)) Decide(GrainKeys.Payment(payment), report);
        Drain();
        Pass_(Pass.Outcomes, () => Due(_payments, GrainKeys.Payment, PaymentRules.Due, _ => ""));
        Pass_(Pass.Attempts, () => Due(_invoices, GrainKeys.Invoice, InvoiceRules.Due, state => $"{state.DueAt} {state.Number}"));
        Pass_(Pass.Standing, () => Due(_accounts, GrainKeys.Account, state => AccountRules.Due(state, Policies), _ => ""));
    }

    private Instant? NextDue() => ((Instant?[])
        [
            Gateway.NextSettlement(),
            _payments.Values.Min(PaymentRules.Due),
            _invoices.Values.Min(InvoiceRules.Due),
            _accounts.Values.Min(account => AccountRules.Due(account, Policies)),
        ]).Min();

    private void Pass_(Pass pass, Func<string?> oldest)
    {
        for (var i = 0; oldest() is { } key; i++)
        {
            Assert.True(i < MostWakeUps, $"{key} stays due at {Now}.");
            Decide(key, new Wake(pass));
            if (order?.Next(4) == 0) Decide(key, new Wake(pass));
            Drain();
        }
    }

    private string? Due<TState>(Dictionary<string, TState> states, Func<string, string> key, Func<TState, Instant?> due, Func<TState, string> rank) =>
        states.Where(pair => due(pair.Value) <= Now).OrderBy(pair => rank(pair.Value), StringComparer.Ordinal).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => key(pair.Key)).FirstOrDefault();
}
