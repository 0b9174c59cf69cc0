using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Billing.Testing.Http;

/// <summary>A subscriber of somebody else's: a real HTTP server on loopback that answers as a test says and remembers what came.</summary>
public sealed class Subscriber : IAsyncDisposable
{
    /// <summary>In the place of a status: the connection ended without an answer.</summary>
    public const int Dropped = 0;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Heard> _heard = new();

    private Subscriber(WebApplication app) => _app = app;

    /// <summary>How it answers: it takes everything, unless a test says otherwise.</summary>
    public Func<Heard, HttpContext, Task> Answer { get; set; } = static (_, http) => Respond(http, 204);

    /// <summary>Where it listens.</summary>
    public string Url => _app.Urls.First() + "/hooks";

    /// <summary>What came, in the order in which it came.</summary>
    public Heard[] Heard => [.. _heard];

    /// <summary>What it has taken, each event once, in the order in which it was taken first.</summary>
    public Heard[] Taken => [.. _heard.Where(heard => heard.Status is >= 200 and <= 299).OrderBy(heard => heard.AnsweredAs).DistinctBy(heard => heard.Id)];

    /// <summary>Starts one on a free port.</summary>
    /// <param name="certificate">Speaks TLS with it; <see langword="null"/>: none.</param>
    public static async Task<Subscriber> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null) listen.UseHttps(certificate);
        }));
        var subscriber = new Subscriber(builder.Build());
        subscriber._app.Run(subscriber.TakeAsync);
        await subscriber._app.StartAsync();
        return subscriber;
    }

    /// <summary>An answer of this status, without a body.</summary>
    public static Task Respond(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var headers = http.Request.Headers;
        var heard = new Heard(http.Request.Method, http.Request.Path, http.Request.Host.ToString(), headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), body.ToArray());
        _heard.Enqueue(heard);
        await Answer(heard, http);
        // A connection that was dropped, by either side, carries no answer.
        heard.Answered(http.RequestAborted.IsCancellationRequested ? Dropped : http.Response.StatusCode);
    }
}

/// <summary>A request that came.</summary>
public sealed record Heard(string Method, string Path, string Host, string Id, string Timestamp, string Signatures, byte[] Body)
{
    private static long s_answers;

    /// <summary>How it was answered; <see cref="Subscriber.Dropped"/> also as long as it is not.</summary>
    public int Status { get; private set; }

    /// <summary>The how manieth answer of all it was.</summary>
    public long AnsweredAs { get; private set; }

    /// <summary>The body.</summary>
    public JsonElement Json => JsonElement.Parse(Body);

    /// <summary>Whose event it is; <see langword="null"/>: of no account.</summary>
    public string? Account => Json.GetProperty("data").GetProperty("account").GetString();

    /// <summary>The event's number.</summary>
    public long Seq => Json.GetProperty("data").GetProperty("seq").GetInt64();

    /// <summary>The event's type.</summary>
    public string Type => Json.GetProperty("type").GetString()!;

    /// <summary>Notes how it was answered.</summary>
    public void Answered(int status) => (Status, AnsweredAs) = (status, Interlocked.Increment(ref s_answers));

    /// <summary>Whether one of its signatures was made with a secret, by the words of the specification and none of our code.</summary>
    public bool IsSignedWith(string secret)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        var mac = Convert.ToBase64String(HMACSHA256.HashData(key, (byte[])[.. Encoding.ASCII.GetBytes(Id + "." + Timestamp + "."), .. Body]));
        return Signatures.Split(' ').Contains("v1," + mac, StringComparer.Ordinal);
    }

    /// <summary>When it was sent.</summary>
    public DateTimeOffset SentAt => DateTimeOffset.FromUnixTimeSeconds(long.Parse(Timestamp, CultureInfo.InvariantCulture));
}
