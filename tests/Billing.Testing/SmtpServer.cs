using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Billing.Testing;

/// <summary>A mail that a relay has taken.</summary>
/// <param name="From">The envelope's sender.</param>
/// <param name="To">The envelope's recipients that it took.</param>
/// <param name="Content">The mail, dots as they were written.</param>
public sealed record TakenMail(string From, IReadOnlyList<string> To, string Content)
{
    /// <summary>A header's value, unfolded; <see langword="null"/> where there is none.</summary>
    public string? Header(string name) => Headers.LastOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>Every header, in order.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers
    {
        get
        {
            var head = Content[..Content.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Replace("\r\n ", " ", StringComparison.Ordinal);
            return [.. head.Split("\r\n").Select(line => (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()))];
        }
    }
}

/// <summary>An SMTP server on a loopback port, over real sockets. Honest, unless a test gives it vices.</summary>
public sealed class SmtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    public SmtpServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The mails it has taken: whatever became of its answer.</summary>
    public ConcurrentQueue<TakenMail> Taken { get; } = new();

    /// <summary>Every line that a client said, its mails' contents left out.</summary>
    public ConcurrentQueue<string> Heard { get; } = new();

    /// <summary>What it answers to a line instead of the usual; <see langword="null"/>: the usual.</summary>
    public Func<string, string?> Says { get; set; } = _ => null;

    /// <summary>What it does when it has a mail whole, before its answer. <see langword="false"/>: it drops the connection and says nothing.</summary>
    public Func<Task<bool>> OnMail { get; set; } = () => Task.FromResult(true);

    /// <summary>Whether it drops the connection after its answer to a mail.</summary>
    public bool DropsAfterAnswer { get; set; }

    /// <summary>What it offers in answer to EHLO, besides its name.</summary>
    public string[] Offers { get; set; } = ["8BITMIME"];

    /// <summary>The certificate that it shows; with one it can do TLS.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>Whether it begins with TLS.</summary>
    public bool IsImplicit { get; set; }

    /// <summary>A certificate for a name, signed by itself.</summary>
    public static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is told to stop.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await ConverseAsync(client.GetStream());
            }
            catch (Exception ended) when (ended is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
                // The client is gone, or does not trust us.
            }
        }
    }

    private async Task ConverseAsync(Stream stream)
    {
        if (IsImplicit) stream = await ProtectAsync(stream);
        if (Says("") is { } greeting)
        {
            await SayAsync(stream, greeting);
            if (!greeting.StartsWith('2')) return;
        }
        else
        {
            await SayAsync(stream, "220 relay.example ESMTP");
        }

        var (from, to) = ("", new List<string>());
        while (await ReadLineAsync(stream) is { } line)
        {
            Heard.Enqueue(line);
            var said = Says(line);
            var verb = line.Split(' ', ':')[0].ToUpperInvariant();
            if (said is not null)
            {
                await SayAsync(stream, said);
                if (verb == "DATA" && said.StartsWith("354", StringComparison.Ordinal)) return;
                continue;
            }

            switch (verb)
            {
                case "EHLO":
                    string[] lines = ["relay.example", .. Offers];
                    await SayAsync(stream, string.Join("\r\n", lines.Select((text, i) => $"250{(i == lines.Length - 1 ? ' ' : '-')}{text}")));
                    break;
                case "STARTTLS":
                    await SayAsync(stream, "220 2.0.0 Go ahead");
                    stream = await ProtectAsync(stream);
                    break;
                case "AUTH":
                    await SayAsync(stream, "235 2.7.0 Welcome");
                    break;
                case "MAIL":
                    (from, to) = (Address(line), []);
                    await SayAsync(stream, "250 2.1.0 Ok");
                    break;
                case "RCPT":
                    to.Add(Address(line));
                    await SayAsync(stream, "250 2.1.5 Ok");
                    break;
                case "DATA":
                    await SayAsync(stream, "354 End with a dot");
                    Taken.Enqueue(new TakenMail(from, to, await ReadContentAsync(stream)));
                    if (!await OnMail()) return;
                    await SayAsync(stream, "250 2.0.0 Queued");
                    if (DropsAfterAnswer) return;
                    break;
                case "QUIT":
                    await SayAsync(stream, "221 2.0.0 Bye");
                    return;
                default:
                    await SayAsync(stream, "502 5.5.2 What?");
                    break;
            }
        }
    }

    private async Task<Stream> ProtectAsync(Stream stream)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, _stopping.Token);
        return tls;
    }

    private static string Address(string line) => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];

    private async Task SayAsync(Stream stream, string line)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), _stopping.Token);
        await stream.FlushAsync(_stopping.Token);
    }

    private async Task<string> ReadContentAsync(Stream stream)
    {
        var content = new StringBuilder();
        while (await ReadLineAsync(stream) is { } line && line != ".") content.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        return content.ToString();
    }

    /// <summary>A line up to CRLF, byte by byte: a bare line feed ends none.</summary>
    private async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one, _stopping.Token) == 1)
        {
            line.Add(one[0]);
            if (line is [.., 13, 10]) return Encoding.ASCII.GetString([.. line], 0, line.Count - 2);
        }

        return null;
    }
}
