using System.Collections.Immutable;
using System.Globalization;
using NodaTime;

namespace Billing.Sandbox;

/// <summary>What a person or a test does to the sandbox: write scripts, read the ledger, settle, dispute. Refusals are values.</summary>
public sealed class SandboxService
{
    /// <summary>The most outcomes of one script.</summary>
    public const int LongestScript = 1_000;

    /// <summary>The most characters of a token, a fingerprint, a network, a funding.</summary>
    public const int LongestText = 256;

    /// <summary>The most charges of one page.</summary>
    public const int LargestPage = 200;

    private readonly ISandboxLedger _ledger;
    private readonly SandboxWake _wake;
    private readonly TimeProvider _time;

    internal SandboxService(ISandboxLedger ledger, SandboxWake wake, TimeProvider time) => (_ledger, _wake, _time) = (ledger, wake, time);

    /// <summary>
    /// Says what a token does, one outcome for each charge. A script given starts anew, an empty one is taken away, and
    /// what is <see langword="null"/> stays as it is; an empty text takes away what was there.
    /// </summary>
    /// <returns>The method; or <see cref="SandboxRefusalKind.Invalid"/> with every error at once.</returns>
    public async Task<SandboxAnswer<SandboxMethod>> PutMethodAsync(
        string token, IReadOnlyList<string>? script, string? fingerprint = null, string? network = null, string? funding = null,
        CancellationToken cancellationToken = default)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (token.Length == 0) errors["token"] = "A token has at least one character.";
        foreach (var (name, text) in new[] { ("token", token), ("fingerprint", fingerprint), ("network", network), ("funding", funding) })
        {
            if (text?.Length > LongestText) errors[name] = $"At most {LongestText} characters.";
            else if (text?.Contains('\0', StringComparison.Ordinal) == true) errors[name] = "No null characters.";
        }

        var steps = Steps(script, errors);
        if (errors.Count > 0) return new SandboxRefusal(SandboxRefusalKind.Invalid, "The method is not acceptable.", errors);
        return await _ledger.PutMethodAsync(new MethodChange(token, steps, fingerprint, network, funding), cancellationToken);
    }

    /// <summary>A charge by id, with the clock that its account lives on; <see langword="null"/>: there is none.</summary>
    public Task<SandboxCharge?> FindChargeAsync(string charge, CancellationToken cancellationToken = default) => _ledger.FindAsync(charge, cancellationToken);

    /// <summary>
    /// The ledger, in the order in which the charges were made. A page read while charges are being made may lack one that
    /// commits late; what is quiet reads whole.
    /// </summary>
    /// <param name="account">One account's; <see langword="null"/>: all.</param>
    /// <param name="after">A page's <see cref="SandboxPage.Next"/>; <see langword="null"/>: from the first.</param>
    /// <param name="limit">1 to <see cref="LargestPage"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A page; or <see cref="SandboxRefusalKind.Invalid"/>.</returns>
    public async Task<SandboxAnswer<SandboxPage>> ListChargesAsync(
        string? account = null, string? after = null, int limit = 50, CancellationToken cancellationToken = default)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        var cursor = 0L;
        if (after is not null && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out cursor)) errors["after"] = "Not a cursor of this list.";
        if (limit is < 1 or > LargestPage) errors["limit"] = $"1 to {LargestPage}.";
        if (errors.Count > 0) return new SandboxRefusal(SandboxRefusalKind.Invalid, "The list cannot be read so.", errors);

        var rows = await _ledger.ListAsync(account, cursor, limit + 1, cancellationToken);
        var page = rows.Take(limit).ToImmutableArray();
        var next = rows.Length > limit ? page[^1].Cursor.ToString(CultureInfo.InvariantCulture) : null;
        return new SandboxPage([.. page.Select(row => row.Charge)], next);
    }

    /// <summary>Ends a charge that is processing, as the bank, the customer or the coins would.</summary>
    /// <param name="charge">Its id.</param>
    /// <param name="outcome"><c>ok</c> or <c>decline:&lt;code&gt;</c>.</param>
    /// <param name="at">Now, on the clock of the charge's account.</param>
    /// <param name="amount">With <c>ok</c>, what is captured, short or over; <see langword="null"/>: what was asked for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The charge as it is next; or why not: no such outcome or amount, no such charge, not processing.</returns>
    public async Task<SandboxAnswer<SandboxCharge>> SettleAsync(
        string charge, string outcome, Instant at, Money? amount = null, CancellationToken cancellationToken = default)
    {
        if (ScriptStep.Parse(outcome, out _) is not { } step || (outcome != "ok" && !outcome.StartsWith("decline:", StringComparison.Ordinal)))
        {
            return Invalid("outcome", $"'{outcome}' does not settle a charge: ok or decline:<code> does.");
        }

        if (amount is not null && outcome != "ok") return Invalid("amount", "Only what is captured has an amount.");
        if (amount is { MinorUnits: < 1 or > Money.Largest }) return Invalid("amount", $"1 to {Money.Largest}.");
        var now = _time.Now();
        return await ChangeAsync(charge, row => ChargeRules.Settle(row, step.Status!.Value, step.Code, amount, at, now), cancellationToken);
    }

    /// <summary>Plays a dispute.</summary>
    /// <param name="charge">The charge's id.</param>
    /// <param name="outcome"><c>opened</c>, <c>lost</c> or <c>won</c>.</param>
    /// <param name="at">Now, on the clock of the charge's account.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The charge as it is next; or why not: no such outcome, no such charge, not in that state.</returns>
    public async Task<SandboxAnswer<SandboxCharge>> DisputeAsync(string charge, string outcome, Instant at, CancellationToken cancellationToken = default)
    {
        SandboxDispute? dispute = outcome switch
        {
            "opened" => SandboxDispute.Opened,
            "lost" => SandboxDispute.Lost,
            "won" => SandboxDispute.Won,
            _ => null,
        };
        if (dispute is not { } known) return Invalid("outcome", $"'{outcome}' is no outcome of a dispute: opened, lost and won are.");
        var now = _time.Now();
        return await ChangeAsync(charge, row => ChargeRules.Dispute(row, known, at, now), cancellationToken);
    }

    private async Task<SandboxAnswer<SandboxCharge>> ChangeAsync(string charge, Func<SandboxCharge, ChargeDecision> decide, CancellationToken cancellationToken)
    {
        var decided = await _ledger.ChangeAsync(charge, decide, cancellationToken);
        if (decided is null) return new SandboxRefusal(SandboxRefusalKind.NotFound, "There is no such charge.");
        if (decided.Event is not null) _wake.Signal();
        return decided.Refusal is { } refusal ? new SandboxRefusal(SandboxRefusalKind.Conflict, refusal) : decided.Charge!;
    }

    private static ImmutableArray<ScriptStep>? Steps(IReadOnlyList<string>? script, Dictionary<string, string> errors)
    {
        if (script is null) return null;
        if (script.Count > LongestScript)
        {
            errors["script"] = $"At most {LongestScript} outcomes.";
            return null;
        }

        var steps = ImmutableArray.CreateBuilder<ScriptStep>(script.Count);
        for (var i = 0; i < script.Count; i++)
        {
            if (ScriptStep.Parse(script[i], out var error) is { } step) steps.Add(step);
            else errors[string.Create(CultureInfo.InvariantCulture, $"script[{i}]")] = error!;
        }

        return steps.ToImmutable();
    }

    private static SandboxRefusal Invalid(string field, string error) =>
        new(SandboxRefusalKind.Invalid, error, new Dictionary<string, string>(StringComparer.Ordinal) { [field] = error });
}
