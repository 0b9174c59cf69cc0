namespace Billing.Api.Hosting;

/// <summary>What an endpoint's OpenAPI operation says beyond its types.</summary>
/// <param name="Codes">The problem codes that it answers with, beyond those of every call.</param>
/// <param name="Example">An example of its body.</param>
/// <param name="Body">The type of its body.</param>
/// <param name="BodyRequired">Whether it needs one.</param>
/// <param name="HasKey">Whether it takes an <c>Idempotency-Key</c>; required where <see langword="true"/> is certain.</param>
/// <param name="IsSigned">Whether it takes a body that another system writes and signs.</param>
internal sealed record Described(string[] Codes, string? Example, Type? Body, bool BodyRequired, KeyUse HasKey, bool IsSigned = false);

/// <summary>Whether a call takes an <c>Idempotency-Key</c>.</summary>
internal enum KeyUse
{
    /// <summary>It is idempotent by itself.</summary>
    None,

    /// <summary>It may.</summary>
    Optional,

    /// <summary>It must: money moves.</summary>
    Required,
}

/// <summary>Describes endpoints.</summary>
internal static class DescribedExtensions
{
    /// <summary>What it does, in a line and in sentences.</summary>
    public static RouteHandlerBuilder Says(this RouteHandlerBuilder endpoint, string name, string summary, string description) =>
        endpoint.WithName(name).WithSummary(summary).WithDescription(description);

    /// <summary>The problem codes, the body with an example, and the key.</summary>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder endpoint, string[] fails, Type? body = null, string? example = null, bool required = true, KeyUse key = KeyUse.None) =>
        endpoint.WithMetadata(new Described(fails, example, body, required, key));

    /// <summary>The problem codes of a door for what another system writes and signs.</summary>
    public static RouteHandlerBuilder TakesSigned(this RouteHandlerBuilder endpoint, params string[] fails) =>
        endpoint.WithMetadata(new Described(fails, Example: null, Body: null, BodyRequired: true, KeyUse.None, IsSigned: true));

    /// <summary>Refuses whatever is said after a <c>?</c>: a name that is misspelt is never taken for one that was left out.</summary>
    public static RouteHandlerBuilder TakesNoQuery(this RouteHandlerBuilder endpoint) =>
        endpoint.AddEndpointFilter((call, next) => ListQuery.RefusalOfAny(call.HttpContext) is { } refusal ? ValueTask.FromResult<object?>(refusal) : next(call));

    /// <summary>What it answers.</summary>
    public static RouteHandlerBuilder Gives<T>(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (var status in statuses.Length == 0 ? [StatusCodes.Status200OK] : statuses) endpoint.Produces<T>(status);
        return endpoint;
    }
}
