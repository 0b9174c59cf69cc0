using System.Globalization;

namespace Billing.Api.Reading;

/// <summary>The query of a list: <c>limit</c>, <c>after</c> and the list's own filters; others are refused.</summary>
internal sealed class ListQuery
{
    /// <summary>What is said of a name that a call does not know.</summary>
    public const string Unknown = "Is not known here.";

    private readonly Errors _errors = new();
    private readonly Dictionary<string, string> _filters = new(StringComparer.Ordinal);

    private ListQuery(IQueryCollection query, ReadOnlySpan<string> filters)
    {
        foreach (var (name, values) in query)
        {
            if (values.Count != 1 || string.IsNullOrEmpty(values[0])) _errors.Add(JsonTexts.Shown(name), "Must be given once, with a value.");
            else if (name is "limit") Limit = ReadLimit(values[0]!);
            else if (name is "after") After = values[0];
            else if (filters.Contains(name)) _filters[name] = values[0]!;
            else _errors.Add(JsonTexts.Shown(name), Unknown);
        }

        foreach (var (name, value) in _filters)
        {
            if (value.Length > Ids.MaxLength || value.Any(c => char.IsControl(c) || char.IsSurrogate(c))) _errors.Add(name, "Can be the value of nothing.");
        }
    }

    /// <summary>At most so many items.</summary>
    public int Limit { get; private set; } = ApiBounds.PageDefault;

    /// <summary>The cursor of the page before.</summary>
    public string? After { get; private set; }

    /// <summary>Why the list cannot be read so; <see langword="null"/> where it can.</summary>
    public Problem? Refusal => _errors.Any ? Problem.Fields(_errors.All) : null;

    /// <summary>Reads the query.</summary>
    public static ListQuery Read(HttpContext http, params ReadOnlySpan<string> filters) => new(http.Request.Query, filters);

    /// <summary>Why a call that takes no query is refused with the one it has; <see langword="null"/> where it has none.</summary>
    public static Problem? RefusalOfAny(HttpContext http)
    {
        if (!http.Request.QueryString.HasValue) return null;
        var errors = new Errors();
        foreach (var name in http.Request.Query.Keys) errors.Add(JsonTexts.Shown(name), Unknown);
        return errors.Any ? Problem.Fields(errors.All) : null;
    }

    /// <summary>A filter's value, or none.</summary>
    public string? this[string filter] => _filters.GetValueOrDefault(filter);

    /// <summary>The cursor as a number, from 0; an error where it is none.</summary>
    public long Number()
    {
        if (After is null) return 0;
        if (long.TryParse(After, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        _errors.Add("after", "Is no cursor of this list.");
        return 0;
    }

    private int ReadLimit(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= ApiBounds.PageLargest) return limit;
        _errors.Add("limit", $"Must be a whole number from 1 to {ApiBounds.PageLargest}.");
        return ApiBounds.PageDefault;
    }
}
