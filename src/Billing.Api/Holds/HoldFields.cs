using System.Collections.Immutable;
using System.Text.Json;

namespace Billing.Api.Holds;

/// <summary>Reads what a hold denies.</summary>
internal static class HoldFields
{
    private const string Everything = "*";

    private static readonly (string Word, HoldCategory Category)[] Categories =
        [("legal", HoldCategory.Legal), ("fraud", HoldCategory.Fraud), ("dispute", HoldCategory.Dispute), ("manual", HoldCategory.Manual)];

    /// <summary>The category of a path; none where there is no such one.</summary>
    public static HoldCategory? Category(string word)
    {
        foreach (var (known, category) in Categories)
        {
            if (string.Equals(known, word, StringComparison.Ordinal)) return category;
        }

        return null;
    }

    /// <summary>The operations; what is wrong is noted. Those that nobody knows are given apart: alone, they have a code of their own.</summary>
    public static (ImmutableArray<string> Deny, ImmutableArray<FieldError> Unknown) ReadDeny(Fields fields, PolicyBook policies, Errors errors)
    {
        if (fields.Find("deny") is { ValueKind: JsonValueKind.String } word)
        {
            if (!string.Equals(JsonTexts.String(word), Everything, StringComparison.Ordinal)) fields.Refuse("deny", "Must be \"*\" or an array of operations.");
            return ([Everything], []);
        }

        var (deny, unknown) = (ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<FieldError>());
        foreach (var (json, path) in fields.Items("deny", 1, ApiBounds.HoldOperations, required: true))
        {
            if (JsonTexts.Read(json, ApiBounds.TagLength, path, errors) is not { } operation) continue;
            if (operation is not Everything && !Operations.IsWellFormed(operation)) errors.Add(path, "Must be a dotted name in lower-case letters, digits and underscores, such as \"purchase\".");
            else if (deny.Contains(operation)) errors.Add(path, "Is given more than once.");
            else deny.Add(operation);
            if (Operations.IsWellFormed(operation) && !policies.KnowsOperation(operation)) unknown.Add(new FieldError(path, $"Nobody knows the operation '{operation}'."));
        }

        return (deny.ToImmutable(), unknown.ToImmutable());
    }
}
