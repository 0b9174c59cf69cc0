using System.Collections.Immutable;

namespace Billing.Domain;

/// <summary>The errors of one reading, bounded: a document of sixty thousand faults should not be answered with megabytes.</summary>
internal sealed class FieldErrors
{
    private readonly ImmutableArray<FieldError>.Builder _errors = ImmutableArray.CreateBuilder<FieldError>();

    /// <summary>How many were found; tells a reader whether what it just read was in order.</summary>
    public int Count { get; private set; }

    public void Add(string path, string message)
    {
        Count++;
        if (_errors.Count < PolicyBounds.Errors) _errors.Add(new FieldError(path, message));
        else if (_errors.Count == PolicyBounds.Errors) _errors.Add(new FieldError("", "There are more errors; these are the first."));
    }

    public ImmutableArray<FieldError> ToImmutable() => _errors.ToImmutable();
}
