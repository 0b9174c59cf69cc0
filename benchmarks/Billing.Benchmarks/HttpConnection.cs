using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Billing.Benchmarks;

/// <summary>
/// One keep-alive connection that sends prepared bytes and reads answers with a length. As little as HTTP allows, so that
/// what is measured is the server: generator and server share the machine.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private static readonly byte[] EndOfHead = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] EndOfChunks = "\r\n0\r\n\r\n"u8.ToArray();

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _length;

    /// <summary>Connects to loopback.</summary>
    public async Task ConnectAsync(int port) => await _socket.ConnectAsync(IPAddress.Loopback, port);

    /// <summary>Sends a request and reads the whole answer; the status code comes back.</summary>
    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> request)
    {
        await _socket.SendAsync(request);
        var received = 0;
        while (true)
        {
            var count = await _socket.ReceiveAsync(_buffer.AsMemory(received));
            if (count == 0) throw new IOException("The server closed the connection.");
            received += count;
            _length = received;
            if (IsWhole(_buffer.AsSpan(0, received))) return (_buffer[9] - '0') * 100 + (_buffer[10] - '0') * 10 + (_buffer[11] - '0');
        }
    }

    /// <summary>Whether the answer that was read last has this in it.</summary>
    public bool Says(ReadOnlySpan<byte> what) => _buffer.AsSpan(0, _length).IndexOf(what) >= 0;

    /// <summary>The answer that was read last.</summary>
    public string Text => Encoding.UTF8.GetString(_buffer);

    /// <inheritdoc />
    public void Dispose() => _socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf(EndOfHead);
        if (head < 0) return false;
        // 204 has neither a body nor a length.
        if (answer[9..12].SequenceEqual("204"u8)) return true;
        var at = answer[..head].IndexOf("Content-Length: "u8);
        if (at < 0) return answer.EndsWith(EndOfChunks);
        var length = 0;
        foreach (var digit in answer[(at + 16)..head])
        {
            if (digit is < (byte)'0' or > (byte)'9') break;
            length = length * 10 + digit - '0';
        }

        return answer.Length >= head + 4 + length;
    }
}
