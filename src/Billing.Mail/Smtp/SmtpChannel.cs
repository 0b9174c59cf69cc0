using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Billing.Mail.Smtp;

/// <summary>Lines to a relay and its answers back, each within a time and a size.</summary>
internal sealed class SmtpChannel(Stream stream, TimeSpan timeout, TimeProvider time) : IAsyncDisposable
{
    /// <summary>A reply line has at most 512 bytes (RFC 5321, 4.5.3.1.5); some relays are wordier.</summary>
    private const int LineBytes = 2_048;

    private const int ReplyLines = 100;

    private readonly byte[] _buffer = new byte[LineBytes];
    private Stream _stream = stream;
    private int _start;
    private int _end;

    /// <summary>Says a line and gives the answer.</summary>
    public async Task<SmtpReply> AskAsync(string line, CancellationToken cancellationToken)
    {
        if (line.AsSpan().ContainsAny('\r', '\n', '\0')) throw new ArgumentException("A command is one line.", nameof(line));
        await WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), cancellationToken);
        return await HearAsync(cancellationToken);
    }

    /// <summary>Sends the content of a mail, its lines that begin with a dot doubled, and the end of it; gives the answer.</summary>
    public async Task<SmtpReply> SendContentAsync(string content, CancellationToken cancellationToken)
    {
        var stuffed = content.Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
        if (stuffed.StartsWith('.')) stuffed = "." + stuffed;
        await WriteAsync(Encoding.ASCII.GetBytes(stuffed + ".\r\n"), cancellationToken);
        return await HearAsync(cancellationToken);
    }

    /// <summary>The relay's next answer.</summary>
    public async Task<SmtpReply> HearAsync(CancellationToken cancellationToken)
    {
        using var bound = Bound(cancellationToken);
        var lines = new List<string>();
        while (lines.Count < ReplyLines)
        {
            var line = await ReadLineAsync(bound.Token);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code is < 200 or > 599) throw Malformed();
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ') return new SmtpReply(code, lines);
            if (line[3] != '-') throw Malformed();
        }

        throw Malformed();
    }

    /// <summary>From here on everything is protected. What the relay said too early is no part of that, and ends the conversation.</summary>
    public async Task ProtectAsync(string host, X509Certificate2Collection? authorities, CancellationToken cancellationToken)
    {
        if (_start != _end) throw Malformed();
        using var bound = Bound(cancellationToken);
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = Trusting(authorities) }, bound.Token);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task WriteAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        using var bound = Bound(cancellationToken);
        await _stream.WriteAsync(bytes, bound.Token);
        await _stream.FlushAsync(bound.Token);
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = Array.IndexOf(_buffer, (byte)'\n', _start, _end - _start);
            if (found >= 0)
            {
                var line = Encoding.Latin1.GetString(_buffer, _start, found - _start).TrimEnd('\r');
                _start = found + 1;
                return line;
            }

            if (_start > 0)
            {
                Array.Copy(_buffer, _start, _buffer, 0, _end - _start);
                (_start, _end) = (0, _end - _start);
            }

            if (_end == _buffer.Length) throw Malformed();
            var read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0) throw new RelayException("The relay ended the connection.");
            _end += read;
        }
    }

    /// <summary>The machine's own authorities, unless others are named.</summary>
    private static X509ChainPolicy? Trusting(X509Certificate2Collection? authorities)
    {
        if (authorities is null) return null;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private Deadline Bound(CancellationToken cancellationToken) => new(timeout, time, cancellationToken);

    private static RelayException Malformed() => new("What the relay answered is no SMTP.");

    private sealed class Deadline : IDisposable
    {
        private readonly CancellationTokenSource _timer;
        private readonly CancellationTokenSource _linked;

        public Deadline(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
        {
            _timer = new CancellationTokenSource(timeout, time);
            _linked = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellationToken);
        }

        public CancellationToken Token => _linked.Token;

        public void Dispose()
        {
            _linked.Dispose();
            _timer.Dispose();
        }
    }
}
