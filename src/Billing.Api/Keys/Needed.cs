namespace Billing.Api.Keys;

/// <summary>
/// What a key must be able to do for an endpoint. Each endpoint says it; one that forgot is an operator's, so that a mistake
/// opens nothing, and a test names it.
/// </summary>
internal sealed class Needed
{
    private Needed(bool isKey, ReadOnlySpan<Scope> any, bool isBatch = false)
    {
        (IsKey, Any) = (isKey, [.. any]);
        foreach (var scope in any) Mask |= MaskOf(scope);
        if (any.IsEmpty) Mask = isKey ? ~0 : 0;
        IsGate = any.Contains(Scope.Gate);
        IsCommand = any.Contains(Scope.Write) || any.Contains(Scope.Operate);
        AsksForCaller = IsCommand || isBatch;
    }

    /// <summary>No key: what everybody may see, or what proves itself in another way.</summary>
    public static Needed Nothing { get; } = new(isKey: false, []);

    /// <summary>Any key: for paths where there is nothing.</summary>
    public static Needed AnyKey { get; } = new(isKey: true, []);

    private static readonly Needed Forgotten = new(isKey: true, [Scope.Operate]);

    /// <summary>Whether a key is needed at all.</summary>
    public bool IsKey { get; }

    /// <summary>One of these scopes is enough.</summary>
    public IReadOnlyList<Scope> Any { get; }

    /// <summary>The bits of the scopes of which one is enough.</summary>
    public int Mask { get; }

    /// <summary>Whether it asks the gate.</summary>
    public bool IsGate { get; }

    /// <summary>Whether it may change something, and so has to say who did.</summary>
    public bool IsCommand { get; }

    /// <summary>Whether the handler asks who calls: to say who did it, or to count what one call asks.</summary>
    public bool AsksForCaller { get; }

    /// <summary>A need of one of these scopes, for a call that asks for many things and counts them itself.</summary>
    public static Needed BatchOf(params ReadOnlySpan<Scope> scopes) => new(isKey: true, scopes, isBatch: true);

    /// <summary>A need of one of these scopes.</summary>
    public static Needed OneOf(params ReadOnlySpan<Scope> scopes) => new(isKey: true, scopes);

    /// <summary>What a request needs.</summary>
    public static Needed Of(HttpContext http) => http.GetEndpoint() switch
    {
        { } endpoint when endpoint.Metadata.GetMetadata<Needed>() is { } needed => needed,
        RouteEndpoint => Forgotten,
        // Nothing is there, or not for this method: a stranger learns not even that.
        _ => http.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) ? AnyKey : Nothing,
    };

    /// <summary>The bit of a scope.</summary>
    public static int MaskOf(Scope scope) => 1 << (int)scope;

    /// <summary>The scopes in the words of the wire.</summary>
    public override string ToString() => string.Join(" or ", Any.Select(Word));

    /// <summary>A scope in the word of the wire.</summary>
    public static string Word(Scope scope) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(scope.ToString());
}

/// <summary>Says what endpoints need.</summary>
internal static class NeededExtensions
{
    /// <summary>A key with one of these scopes.</summary>
    public static T Needs<T>(this T endpoint, params ReadOnlySpan<Scope> scopes) where T : IEndpointConventionBuilder => endpoint.WithMetadata(Needed.OneOf(scopes));

    /// <summary>A key with one of these scopes, of which each thing that is asked counts as a call.</summary>
    public static T NeedsForEach<T>(this T endpoint, params ReadOnlySpan<Scope> scopes) where T : IEndpointConventionBuilder => endpoint.WithMetadata(Needed.BatchOf(scopes));

    /// <summary>No key.</summary>
    public static T NeedsNoKey<T>(this T endpoint) where T : IEndpointConventionBuilder => endpoint.WithMetadata(Needed.Nothing);
}
