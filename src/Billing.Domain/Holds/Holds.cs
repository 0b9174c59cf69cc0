using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>Reasons other than nonpayment for which operations are denied. Nonpayment is no category: it is derived, and nobody sets it.</summary>
internal static class Holds
{
    /// <summary>Operations that one hold may name; <c>*</c> names them all.</summary>
    public const int MostDenied = 100;

    private const string Everything = "*";

    /// <summary>Sets a hold, or changes what it denies; since when it stands stays.</summary>
    public static Reply Put(AccountDraft draft, PutHold command)
    {
        if (Error(draft, command) is { } error) return new Refused(Problems.InvalidRequest, "Some fields are not acceptable.", [error]);
        var known = draft.State.Holds.FirstOrDefault(hold => hold.Category == command.Category);
        if (known is not null && string.Equals(known.Reason, command.Reason, StringComparison.Ordinal) && known.Deny.SequenceEqual(command.Deny, StringComparer.Ordinal))
        {
            return new Done(Name(command.Category), draft.State.Version, Replayed: true);
        }

        var hold = new Hold(command.Category, command.Deny, command.Reason, known?.Since ?? draft.Now);
        draft.State = draft.State with { Holds = [.. draft.State.Holds.Where(other => other.Category != command.Category).Append(hold).OrderBy(other => other.Category)] };
        // The reason is an operator's free text and may name people: it stays out of the event.
        draft.Record("hold.set", new JsonObject { ["category"] = Name(command.Category), ["deny"] = new JsonArray([.. command.Deny.Select(operation => (JsonNode)operation)]) });
        return new Done(Name(command.Category), draft.NextVersion);
    }

    /// <summary>Lifts a hold.</summary>
    public static Reply Release(AccountDraft draft, ReleaseHold command)
    {
        var left = draft.State.Holds.RemoveAll(hold => hold.Category == command.Category);
        if (left.Length == draft.State.Holds.Length) return new Refused(Problems.NotFound, "There is no such hold.");
        draft.State = draft.State with { Holds = left };
        draft.Record("hold.lifted", new JsonObject { ["category"] = Name(command.Category) });
        return new Done(Name(command.Category), draft.NextVersion);
    }

    /// <summary>A category's name on the wire.</summary>
    public static string Name(HoldCategory category) => category.ToString().ToLowerInvariant();

    private static FieldError? Error(AccountDraft draft, PutHold command)
    {
        if (!Enum.IsDefined(command.Category)) return new FieldError("category", "One of legal, fraud, dispute, manual. Nonpayment follows from what is owed.");
        if (string.IsNullOrWhiteSpace(command.Reason)) return new FieldError("reason", "A reason is required.");
        if (command.Deny.IsDefaultOrEmpty) return new FieldError("deny", "Name at least one operation, or \"*\".");
        if (command.Deny.Length > MostDenied) return new FieldError("deny", $"At most {MostDenied} operations; \"*\" denies them all.");
        var unknown = command.Deny.FirstOrDefault(operation => !string.Equals(operation, Everything, StringComparison.Ordinal) && !draft.Policies.KnowsOperation(operation));
        return unknown is null ? null : new FieldError("deny", $"Nobody knows an operation '{unknown}'.");
    }
}
