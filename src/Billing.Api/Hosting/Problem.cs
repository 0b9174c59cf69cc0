using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Billing.Api.Hosting;

/// <summary>A refusal as an answer: RFC 9457, with the code's own type, every field error, and fields that help.</summary>
internal sealed class Problem : IResult
{
    private const int RateLimitedSeconds = 60;

    private readonly ProblemKind _kind;
    private readonly string _detail;
    private readonly int _status;
    private readonly IReadOnlyList<FieldError> _errors;
    private readonly (string Name, JsonNode? Value)[] _more;
    private int _retryAfter = RateLimitedSeconds;

    private Problem(string code, string detail, int? status = null, IReadOnlyList<FieldError>? errors = null, (string Name, JsonNode? Value)[]? more = null)
    {
        _kind = ProblemCatalog.Of(code);
        _detail = detail;
        _status = status ?? _kind.Status;
        _errors = errors ?? [];
        _more = more ?? [];
    }

    /// <summary>A refusal of the domain.</summary>
    public static Problem Of(Refused refused) => new(refused.Code, refused.Detail, errors: refused.Errors.IsDefault ? [] : refused.Errors, more: More(refused))
    {
        _retryAfter = refused.RetryAfter is { } wait ? Seconds(wait.ToTimeSpan()) : RateLimitedSeconds,
    };

    /// <summary>A problem of too many, with how long to wait.</summary>
    public static Problem Later(string code, string detail, TimeSpan wait) => new(code, detail) { _retryAfter = Seconds(wait) };

    /// <summary>The code.</summary>
    public string Code => _kind.Code;

    /// <summary>A problem of this code, with fields that help.</summary>
    public static Problem Of(string code, string detail, params (string Name, JsonNode? Value)[] more) => new(code, detail, more: more);

    /// <summary>The request is not well formed.</summary>
    public static Problem Malformed(string detail, int status = StatusCodes.Status400BadRequest, params IReadOnlyList<FieldError> errors) => new(Problems.InvalidRequest, detail, status, errors);

    /// <summary>Some fields are not acceptable.</summary>
    public static Problem Fields(IReadOnlyList<FieldError> errors) => new(Problems.InvalidRequest, "Some fields are not acceptable.", errors: errors);

    /// <summary>One field is not acceptable.</summary>
    public static Problem Field(string path, string message) => Fields([new FieldError(path, message)]);

    /// <summary>There is no such thing.</summary>
    public static Problem NoSuch(string what) => new(Problems.NotFound, $"There is no such {what}.");

    /// <inheritdoc />
    public Task ExecuteAsync(HttpContext http)
    {
        var response = http.Response;
        response.StatusCode = _status;
        response.ContentType = "application/problem+json";
        if (_status == StatusCodes.Status503ServiceUnavailable) response.Headers.RetryAfter = "1";
        if (_status == StatusCodes.Status429TooManyRequests) response.Headers.RetryAfter = _retryAfter.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (_status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Bearer";

        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer)) Write(writer);
        response.ContentLength = buffer.WrittenCount;
        return response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted).AsTask();
    }

    /// <summary>What a refusal of the domain names, for a program to go on with.</summary>
    private static (string Name, JsonNode? Value)[] More(Refused refused) => refused switch
    {
        { Payment: { } payment } => [("payment", payment)],
        { Standing: { } standing } => [("standing", standing), ("amount_to_clear", refused.AmountToClear?.MinorUnits ?? 0)],
        _ => [],
    };

    private static int Seconds(TimeSpan wait) => Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "/problems/" + _kind.Code);
        writer.WriteString("title", _kind.Title);
        writer.WriteNumber("status", _status);
        writer.WriteString("code", _kind.Code);
        writer.WriteString("detail", _detail);
        foreach (var (name, value) in _more)
        {
            writer.WritePropertyName(name);
            if (value is null) writer.WriteNullValue();
            else value.WriteTo(writer);
        }

        if (_errors.Count > 0)
        {
            writer.WriteStartArray("errors");
            foreach (var error in _errors)
            {
                writer.WriteStartObject();
                writer.WriteString("path", error.Path);
                writer.WriteString("message", error.Message);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
