using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Billing.Api.Hosting;

/// <summary>Answers in JSON, written whole before the first byte leaves, so that the length is known and no answer is half one.</summary>
internal static class Answer
{
    /// <summary>The header that says that an effect is an earlier call's.</summary>
    public const string ReplayedHeader = "Idempotent-Replayed";

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? _scratch;

    /// <summary>200 with a value.</summary>
    public static IResult Ok<T>(T value, bool replayed = false) => new JsonAnswer<T>(value, StatusCodes.Status200OK, replayed);

    /// <summary>202 with a value that is not final.</summary>
    public static IResult Accepted<T>(T value, bool replayed = false) => new JsonAnswer<T>(value, StatusCodes.Status202Accepted, replayed);

    /// <summary>The answer of an earlier call.</summary>
    public static IResult Again(IResult answer) => new ReplayedAnswer(answer);

    /// <summary>204.</summary>
    public static IResult Nothing { get; } = Results.NoContent();

    /// <summary>Writes a value as the whole answer.</summary>
    public static Task WriteAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type)
    {
        var (buffer, writer) = _scratch ??= Scratch();
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        JsonSerializer.Serialize(writer, value, type);
        var response = http.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = buffer.WrittenCount;
        // Copied before the first await: the scratch is this thread's.
        response.BodyWriter.Write(buffer.WrittenSpan);
        var flushed = response.BodyWriter.FlushAsync(http.RequestAborted);
        return flushed.IsCompletedSuccessfully ? Task.CompletedTask : flushed.AsTask();
    }

    private static (ArrayBufferWriter<byte>, Utf8JsonWriter) Scratch()
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        return (buffer, new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }));
    }

    /// <summary>The refusal that a result is; <see langword="null"/> where it is none.</summary>
    public static Problem? ProblemOf(IResult result) => (result as ReplayedAnswer)?.Answer as Problem ?? result as Problem;

    private sealed class ReplayedAnswer(IResult answer) : IResult
    {
        public IResult Answer => answer;

        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.Headers[ReplayedHeader] = "true";
            return answer.ExecuteAsync(http);
        }
    }

    private sealed class JsonAnswer<T>(T value, int status, bool replayed) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => status;

        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.StatusCode = status;
            if (replayed) http.Response.Headers[ReplayedHeader] = "true";
            return WriteAsync(http, value, (JsonTypeInfo<T>)ApiJson.Default.GetTypeInfo(typeof(T))!);
        }
    }
}
