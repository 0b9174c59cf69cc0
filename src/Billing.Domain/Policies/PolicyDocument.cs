using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Billing.Domain;

/// <summary>One thing that is wrong with what a caller sent.</summary>
/// <param name="Path">Where, as a JSON path without the dollar: <c>standings[0].deny[2]</c>; empty for the whole document.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record FieldError(string Path, string Message);

/// <summary>What came of reading a policy document: a valid policy, or everything that is wrong with it.</summary>
public sealed record PolicyReading
{
    /// <summary>The policy; <see langword="null"/> where there is an error.</summary>
    public Policy? Policy { get; private init; }

    /// <summary>Every error at once, in the order of reading (at most <see cref="PolicyBounds.Errors"/>); empty where there is a policy.</summary>
    public ImmutableArray<FieldError> Errors { get; private init; } = [];

    /// <summary>Whether there is a policy.</summary>
    [MemberNotNullWhen(true, nameof(Policy))]
    public bool IsValid => Policy is not null;

    internal static PolicyReading Of(Policy policy) => new() { Policy = policy };

    internal static PolicyReading Refused(ImmutableArray<FieldError> errors) => new() { Errors = errors };
}

/// <summary>Policies as operators write them: JSON.</summary>
/// <remarks>
/// Implementation note: a document is read by hand and not by a serializer, because a serializer stops at the first error,
/// and whoever writes a policy wants to see all of them, each where it is.
/// </remarks>
public static class PolicyDocument
{
    /// <summary>
    /// Reads a document whole. It never throws for what the document holds, and never ignores anything in it:
    /// what it does not understand is an error.
    /// </summary>
    /// <param name="document">The document. Its size is the caller's to limit: <see cref="PolicyBounds.DocumentBytes"/>.</param>
    /// <param name="id">The policy's id as the caller names it; the document's own <c>id</c>, where it has one, must be the same.</param>
    public static PolicyReading Parse(JsonElement document, string id)
    {
        var errors = new FieldErrors();
        if (!HoldsReadableText(document))
        {
            errors.Add("", "The document holds text that is not valid Unicode.");
            return PolicyReading.Refused(errors.ToImmutable());
        }

        var policy = PolicyReader.Read(new Node(document, "", errors), id);
        return policy is not null && errors.Count == 0 ? PolicyReading.Of(policy) : PolicyReading.Refused(errors.ToImmutable());
    }

    /// <summary>
    /// A JSON parser lets half a surrogate pair and broken UTF-8 pass and throws only when the text is asked for, so it is
    /// asked for once, here, and the readers need not expect it.
    /// </summary>
    private static bool HoldsReadableText(JsonElement json)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.String => json.GetString() is not null,
                JsonValueKind.Array => json.EnumerateArray().All(HoldsReadableText),
                JsonValueKind.Object => json.EnumerateObject().All(property => property.Name is not null && HoldsReadableText(property.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
