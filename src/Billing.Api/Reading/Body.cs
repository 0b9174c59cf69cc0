using System.Text.Json;

namespace Billing.Api.Reading;

/// <summary>
/// The body of a request: JSON, read whole and strictly. A handler reads its fields, and then asks once for the
/// <see cref="Refusal"/>, which has everything that is wrong.
/// </summary>
internal sealed class Body
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = ApiBounds.JsonDepth, AllowDuplicateProperties = false };

    private readonly IResult? _malformed;

    private Body(JsonElement json, IResult? malformed)
    {
        Json = json;
        _malformed = malformed;
        Fields = new Fields(json, "", Errors);
    }

    /// <summary>The document.</summary>
    public JsonElement Json { get; }

    /// <summary>The document's fields.</summary>
    public Fields Fields { get; }

    /// <summary>What is wrong so far.</summary>
    public Errors Errors { get; } = new();

    /// <summary>Reads the body of a call that needs one.</summary>
    public static Task<Body> ReadAsync(HttpContext http, int most = ApiBounds.BodyBytes) => ReadAsync(http, most, isRequired: true);

    /// <summary>Reads the body of a call that may come without one: nothing is the same as <c>{}</c>.</summary>
    public static Task<Body> ReadOptionalAsync(HttpContext http) => ReadAsync(http, ApiBounds.BodyBytes, isRequired: false);

    /// <summary>The raw bytes; <see langword="null"/> where they are more than <paramref name="most"/>.</summary>
    public static async Task<ReadOnlyMemory<byte>?> BytesAsync(HttpContext http, int most)
    {
        if (http.Request.ContentLength > most) return null;
        var bytes = new MemoryStream();
        var buffer = new byte[4096];
        // A sender that keeps just above the least rate would hold a connection, and what waits behind it, for a quarter of an hour.
        using var late = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        late.CancelAfter(TimeSpan.FromSeconds(ApiBounds.BodySeconds));
        try
        {
            while (await http.Request.Body.ReadAsync(buffer, late.Token) is var count and > 0)
            {
                if (bytes.Length + count > most) return null;
                bytes.Write(buffer, 0, count);
            }
        }
        catch (OperationCanceledException cancelled) when (!http.RequestAborted.IsCancellationRequested)
        {
            http.Response.Headers.Connection = "close";
            throw new BadHttpRequestException("The body did not arrive in time.", StatusCodes.Status408RequestTimeout, cancelled);
        }

        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    /// <summary>Notes an id of the path that a caller may not use.</summary>
    public void CheckId(string name, string id)
    {
        if (!Ids.IsValid(id)) Errors.Add(name, PathIds.Expected);
    }

    /// <summary>Why the call cannot be taken; <see langword="null"/> where the body is in order. Fields that nobody read are refused.</summary>
    public IResult? Refusal()
    {
        if (_malformed is not null) return _malformed;
        Fields.Close();
        return Errors.Any ? Problem.Fields(Errors.All) : null;
    }

    /// <summary>Why the body is no JSON document at all; <see langword="null"/> where it is one.</summary>
    public IResult? Malformed => _malformed;

    private static async Task<Body> ReadAsync(HttpContext http, int most, bool isRequired)
    {
        if (await BytesAsync(http, most) is not { } bytes) return new Body(default, Edge.TooLarge(most));
        if (bytes.IsEmpty) return new Body(default, isRequired ? Problem.Malformed("The call needs a JSON body.") : null);
        try
        {
            return new Body(JsonElement.Parse(bytes.Span, Strict), malformed: null);
        }
        catch (JsonException exception) when (exception.LineNumber is null && JsonTexts.FindTwice(bytes.Span, Strict) is { } twice)
        {
            return new Body(default, Problem.Malformed("The body gives a name twice in one object.", errors: [new FieldError(twice, "Is given twice.")]));
        }
        catch (JsonException exception)
        {
            return new Body(default, Problem.Malformed(
                $"The body is not JSON as it is taken here (no comments, no trailing commas, no name twice, at most {ApiBounds.JsonDepth} levels){(exception.LineNumber is { } line ? $": line {line + 1}, byte {exception.BytePositionInLine + 1}" : "")}."));
        }
        catch (InvalidOperationException)
        {
            // The look for names given twice reads each name, and this is how half a surrogate pair in one ends it.
            return new Body(default, Problem.Malformed("The body holds a field whose name is not valid Unicode."));
        }
    }
}
