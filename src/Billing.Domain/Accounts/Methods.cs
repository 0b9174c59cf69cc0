using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>Payment methods on file.</summary>
internal static class Methods
{
    /// <summary>Adds a method, or gives a known one another token, which clears its hard decline. The first is the default unless it says no.</summary>
    public static Reply Put(AccountDraft draft, PutPaymentMethod command)
    {
        var state = draft.State;
        var known = state.Methods.Find(command.Method.Id);
        if (known is null && IsFull(state) is { } full) return full;
        if (IsRefused(draft, command.Method.AsCandidate()) is { } refused) return refused;
        var isSameToken = known is not null && string.Equals(known.Token, command.Method.Token, StringComparison.Ordinal) && string.Equals(known.Gateway, command.Method.Gateway, StringComparison.Ordinal);
        var method = known switch
        {
            null => command.Method with { AddedAt = draft.Now, TokenCount = TokensBefore(state, command.Method.Id) + 1, HardDecline = HardDeclineOf(state, command.Method) },
            _ when isSameToken => command.Method with { AddedAt = known.AddedAt, TokenCount = known.TokenCount, HardDecline = known.HardDecline },
            _ => command.Method with { AddedAt = known.AddedAt, TokenCount = known.TokenCount + 1, HardDecline = HardDeclineOf(state, command.Method) },
        };
        var isDefault = command.MakeDefault ?? state.Methods.IsEmpty || string.Equals(state.DefaultMethod, method.Id, StringComparison.Ordinal);
        var next = isDefault ? method.Id : string.Equals(state.DefaultMethod, method.Id, StringComparison.Ordinal) ? null : state.DefaultMethod;
        if (known == method && string.Equals(next, state.DefaultMethod, StringComparison.Ordinal)) return new Done(method.Id, state.Version, Replayed: true);

        draft.State = state with { Methods = state.Methods.With(method), DefaultMethod = next };
        draft.Record("account.updated", new JsonObject { ["payment_method"] = method.Id, ["change"] = known is null ? "added" : isSameToken ? "changed" : "replaced" });
        if (known is not null && !isSameToken) PassOver(draft, known.AsCandidate(), except: null);
        if (!isSameToken) NewMethods.Charge(draft, method);
        return new Done(method.Id, draft.NextVersion);
    }

    /// <summary>Removes a method that no live payment is being charged with or may go on to. A removed default is followed by the oldest that is left.</summary>
    public static Reply Remove(AccountDraft draft, string id)
    {
        var state = draft.State;
        if (state.Methods.Find(id) is not { } method) return new Refused(Problems.NotFound, "There is no such payment method.");
        var user = state.Payments.FirstOrDefault(payment =>
            payment.IsLive && payment.Candidates.Any(candidate => string.Equals(candidate.Method, id, StringComparison.Ordinal)));
        if (user is not null) return new Refused(Problems.PaymentInFlight, $"Payment '{user.Id}' may still use this method.") { Payment = user.Id };

        var left = state.Methods.Without(id);
        var isDefault = string.Equals(state.DefaultMethod, id, StringComparison.Ordinal);
        var removed = state.RemovedMethods.Without(id).Add(new RemovedMethod(id, method.TokenCount, HashOf(method), method.HardDecline));
        draft.State = state with
        {
            Methods = left,
            DefaultMethod = isDefault ? left.FirstOrDefault()?.Id : state.DefaultMethod,
            RemovedMethods = removed.Length > AccountLimits.RemovedMethods ? removed.RemoveAt(0) : removed,
        };
        draft.Record("account.updated", new JsonObject { ["payment_method"] = method.Id, ["change"] = "removed" });
        return new Done(id, draft.NextVersion);
    }

    /// <summary>Makes a method the default.</summary>
    public static Reply MakeDefault(AccountDraft draft, MakeDefault command)
    {
        if (Idempotency.Before(draft, command.Key, command.Method) is { } before) return before;
        if (draft.State.Methods.Find(command.Method) is null) return new Refused(Problems.NotFound, "There is no such payment method.");
        if (!string.Equals(draft.State.DefaultMethod, command.Method, StringComparison.Ordinal))
        {
            draft.State = draft.State with { DefaultMethod = command.Method };
            draft.Record("account.updated", new JsonObject { ["payment_method"] = command.Method, ["change"] = "default" });
        }

        Idempotency.Remember(draft, command.Key);
        return new Done(command.Method, draft.NextVersion);
    }

    /// <summary>A method that comes back is a new one, and no charge of it has the name of an earlier one's.</summary>
    private static int TokensBefore(AccountState account, string id) => account.RemovedMethods.Find(id)?.TokenCount ?? 0;

    /// <summary>A token that was declined for good stays so, under whatever name it comes.</summary>
    private static string? HardDeclineOf(AccountState account, PaymentMethod method)
    {
        var hash = HashOf(method);
        return account.Methods.FirstOrDefault(other => other.HardDecline is not null && string.Equals(HashOf(other), hash, StringComparison.Ordinal))?.HardDecline
            ?? account.RemovedMethods.FirstOrDefault(other => other.HardDecline is not null && string.Equals(other.TokenHash, hash, StringComparison.Ordinal))?.HardDecline;
    }

    private static string HashOf(PaymentMethod method) => Ids.Hash(method.Gateway, method.Token);

    /// <summary>Why no further method is taken.</summary>
    public static Refused? IsFull(AccountState account) =>
        account.Methods.Length >= AccountLimits.PaymentMethods ? new Refused(Problems.TooMany, $"At most {AccountLimits.PaymentMethods} payment methods for an account.") : null;

    /// <summary>Why the account's policy does not take a method: what funds it.</summary>
    public static Refused? IsRefused(AccountDraft draft, MethodCandidate method) => method.Funding is { } funding && draft.Policy.Collection.RefuseFunding.Contains(funding, StringComparer.Ordinal)
        ? new Refused(Problems.MethodNotUsable, $"A {funding} card is not taken; use another method.")
        : null;

    /// <summary>Payments that have not gone on to a method do not any more.</summary>
    /// <param name="draft">The account's decision.</param>
    /// <param name="method">The method that is passed over.</param>
    /// <param name="except">The payment that knows already.</param>
    public static void PassOver(AccountDraft draft, MethodCandidate method, string? except)
    {
        foreach (var payment in draft.State.Payments.Where(payment => !payment.ByHand && !string.Equals(payment.Id, except, StringComparison.Ordinal)))
        {
            if (payment.Candidates.Any(candidate => string.Equals(candidate.Method, method.Method, StringComparison.Ordinal))) draft.TellPayment(payment.Id, new PassOver(method.Method!, method.Token));
        }
    }
}
