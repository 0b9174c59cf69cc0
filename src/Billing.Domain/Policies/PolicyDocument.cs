using System.Collections.Immutable;

namespace Billing.Domain;

/// <summary>One thing that is wrong with what a caller sent.</summary>
/// <param name="Path">Where, as a JSON path without the dollar: <c>standings[0].deny[2]</c>.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record FieldError(string Path, string Message);
