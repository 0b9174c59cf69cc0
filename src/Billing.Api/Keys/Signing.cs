namespace Billing.Api.Keys;

/// <summary>Calls carry who made them.</summary>
internal static class Signing
{
    /// <summary>Why an operator does something, where the body has no <c>reason</c>.</summary>
    public const string ReasonHeader = "Billing-Reason";

    /// <summary>A command, with who gives it.</summary>
    public static Call Call(this HttpContext http, Message message, Instant at) => new(message, at, By(http));

    /// <summary>Why the reason of a request cannot be kept; <see langword="null"/> where it can, or there is none.</summary>
    public static Problem? Refusal(HttpContext http)
    {
        var values = http.Request.Headers[ReasonHeader];
        if (values.Count == 0) return null;
        return values is [{ Length: >= 1 and <= ApiBounds.ReasonLength } reason] && !reason.Any(char.IsControl) && !string.IsNullOrWhiteSpace(reason)
            ? null
            : Problem.Field(ReasonHeader, $"Must be one header of 1 to {ApiBounds.ReasonLength} characters.");
    }

    /// <summary>Says that somebody without a key makes this request: whoever holds a pay link.</summary>
    public static void SignAs(HttpContext http, string id) => http.Features.Set(new By(id));

    private static By? By(HttpContext http)
    {
        if (http.Features.Get<By>() is { } by) return by;
        if (Caller.Of(http) is not { } caller) return null;
        return new By(caller.Id, http.Request.Headers[ReasonHeader] is [{ Length: > 0 } reason] ? reason : null);
    }
}
