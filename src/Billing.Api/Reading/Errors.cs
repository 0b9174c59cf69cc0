namespace Billing.Api.Reading;

/// <summary>What is wrong with one request, bounded: a body of thousands of faults is not answered with megabytes.</summary>
internal sealed class Errors
{
    private readonly List<FieldError> _all = [];

    /// <summary>Whether anything is wrong.</summary>
    public bool Any => _all.Count > 0;

    /// <summary>Everything that is wrong, in the order of reading.</summary>
    public IReadOnlyList<FieldError> All => _all;

    /// <summary>One more.</summary>
    public void Add(string path, string message)
    {
        if (_all.Count < ApiBounds.Errors) _all.Add(new FieldError(path, message));
        else if (_all.Count == ApiBounds.Errors) _all.Add(new FieldError("", "There are more errors; these are the first."));
    }

    /// <summary>More.</summary>
    public void AddRange(IEnumerable<FieldError> errors)
    {
        foreach (var error in errors) Add(error.Path, error.Message);
    }
}
