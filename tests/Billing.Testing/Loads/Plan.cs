using System.Globalization;

namespace Billing.Testing.Loads;

/// <summary>What is done with an account of the load.</summary>
public enum Kind
{
    /// <summary>A manual invoice, paid by hand with a card that is not kept.</summary>
    OneOff,

    /// <summary>A manual invoice, paid by hand with the card on file.</summary>
    OnFile,

    /// <summary>An automatic invoice whose card is good.</summary>
    FirstTry,

    /// <summary>An automatic invoice that the card declines twice: paid by the second retry.</summary>
    ThirdTry,

    /// <summary>An automatic invoice that the card always declines: overdue after five days, then paid by hand.</summary>
    Never,

    /// <summary>Two manual invoices, paid together by hand.</summary>
    Balance,

    /// <summary>A manual invoice, paid by hand; the gateway takes the charge at once and settles it after half an hour.</summary>
    Slow,

    /// <summary>A manual invoice, paid by hand; the gateway takes the money and its answer is lost, so it has to be asked.</summary>
    Unanswered,
}

/// <summary>A row of the sandbox's ledger, as far as it does not depend on chance.</summary>
/// <param name="Amount">In minor units.</param>
/// <param name="Status">The wire's word.</param>
public sealed record Charge(long Amount, string Status);

/// <summary>An invoice to issue.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Amount">In minor units.</param>
public sealed record PlannedInvoice(string Id, long Amount);

/// <summary>An account of the load: what is done with it, and, from that alone, where it has to end.</summary>
/// <param name="Account">Its id.</param>
/// <param name="Clock">The test clock that it lives on.</param>
/// <param name="Kind">What is done with it.</param>
/// <param name="Amount">Of its first invoice.</param>
public sealed record Plan(string Account, string Clock, Kind Kind, long Amount)
{
    /// <summary>The start of every clock.</summary>
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>After so long an account that never paid is overdue: the last retry of <c>policies/cloudflare.json</c>.</summary>
    public static readonly TimeSpan OverdueAfter = TimeSpan.FromDays(5);

    private static readonly Kind[] Kinds = Enum.GetValues<Kind>();

    private const string Declined = "decline:insufficient_funds";

    /// <summary>Whether its invoices are collected automatically.</summary>
    public bool IsAutomatic => Kind is Kind.FirstTry or Kind.ThirdTry or Kind.Never;

    /// <summary>Whether a person pays in the end.</summary>
    public bool IsPaidByHand => Kind is not (Kind.FirstTry or Kind.ThirdTry);

    /// <summary>What the card on file does.</summary>
    public string[] Script => Kind switch
    {
        Kind.ThirdTry => [Declined, Declined, "ok"],
        Kind.Never => [Declined],
        Kind.Slow => ["processing_ok:30m"],
        Kind.Unanswered => ["timeout_captured"],
        _ => ["ok"],
    };

    /// <summary>Its invoices.</summary>
    public IReadOnlyList<PlannedInvoice> Invoices => Kind == Kind.Balance
        ? [new(Account + "-1", Amount), new(Account + "-2", Amount + 1)]
        : [new(Account + "-1", Amount)];

    /// <summary>The results of its invoice's rungs.</summary>
    public IReadOnlyList<string> Ladder => Kind switch
    {
        Kind.FirstTry => ["paid"],
        Kind.ThirdTry => ["failed", "failed", "paid"],
        Kind.Never => ["failed", "failed", "failed", "failed", "failed", "failed"],
        _ => [],
    };

    /// <summary>The sandbox's whole ledger for it, in order.</summary>
    public IReadOnlyList<Charge> Ledger =>
        [.. Ladder.Where(rung => rung == "failed").Select(_ => new Charge(Amount, "failed")), new Charge(Invoices.Sum(invoice => invoice.Amount), "succeeded")];

    /// <summary>The standings that it enters.</summary>
    public IReadOnlyList<string> Timeline => Kind == Kind.Never ? ["overdue", "good"] : [];

    /// <summary>Where it is paid by hand: as a whole, or its one invoice.</summary>
    public string PayPath => Kind == Kind.Balance ? $"/v1/accounts/{Account}/pay" : $"/v1/invoices/{Account}-1/pay";

    /// <summary>With what it is paid by hand; none: the card on file.</summary>
    public object PayBody => Kind is Kind.OneOff or Kind.Never
        ? new { wait_seconds = 5, one_off = new { gateway = "sandbox", token = Account + "-once", kind = "card" } }
        : new { wait_seconds = 5 };

    /// <summary>The plans of a load: some on a clock that moves meanwhile, the others on one that stands until the end.</summary>
    public static IReadOnlyList<Plan> Mix(string name, int accounts) =>
        [.. Enumerable.Range(0, accounts).Select(n => n % 5 < 3 ? Moving(name, n) : Standing(name, n))];

    private static Plan Moving(string name, int n) => Make(name, n, Moving(name), Kinds[n / 5 % Kinds.Length]);

    private static Plan Standing(string name, int n)
    {
        Kind[] kinds = [Kind.OneOff, Kind.Balance, Kind.OnFile, Kind.FirstTry, Kind.Slow, Kind.Unanswered];
        return Make(name, n, Standing(name), kinds[n / 5 % kinds.Length]);
    }

    private static Plan Make(string name, int n, string clock, Kind kind) => new(string.Create(CultureInfo.InvariantCulture, $"{name}-{n:000}"), clock, kind, 1000 + n);

    /// <summary>The clock that moves under the load.</summary>
    public static string Moving(string name) => name + "-moving";

    /// <summary>The clock that stands until the load is over.</summary>
    public static string Standing(string name) => name + "-standing";
}
