namespace Billing.Api.Hosting;

/// <summary>The caller's <c>Idempotency-Key</c> (draft-ietf-httpapi-idempotency-key-header), scoped to method and path.</summary>
internal static class Idempotency
{
    public const string Header = "Idempotency-Key";

    /// <summary>Reads the header: 1 to 255 visible ASCII characters. What is wrong with it is noted beside what is wrong with the body.</summary>
    /// <param name="http">The request.</param>
    /// <param name="body">The request's body.</param>
    /// <param name="isRequired">Whether money or credit moves.</param>
    public static string? Read(HttpContext http, Body body, bool isRequired)
    {
        var values = http.Request.Headers[Header];
        if (values.Count == 0)
        {
            if (isRequired) body.Errors.Add(Header, "Is required where money or credit moves: a header with a key of your choice, the same for each repetition.");
            return null;
        }

        if (values is [{ Length: >= 1 and <= ApiBounds.IdempotencyKeyLength } key] && key.All(c => c is > ' ' and <= '~')) return key;
        body.Errors.Add(Header, $"Must be one header of 1 to {ApiBounds.IdempotencyKeyLength} visible ASCII characters.");
        return null;
    }

    /// <summary>The key as a command carries it.</summary>
    /// <param name="key">The header; <see langword="null"/> gives no key.</param>
    /// <param name="path">The path as it is documented, so that its spelling does not matter.</param>
    /// <param name="content">What was asked, in a canonical form.</param>
    public static IdempotencyKey? Command(string? key, string path, params ReadOnlySpan<string> content) =>
        key is null ? null : new IdempotencyKey(Ids.Hash("POST", path, key), Ids.Hash(content));
}
