using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Billing.Domain;
using Billing.Grains.Interfaces.Webhooks;
using Billing.Silo.Webhooks;
using Billing.Testing.Http;

namespace Billing.Api.Tests.WebhooksOut;

/// <summary>Nobody can make this service call its own network: not by address, not by name, not by a name that changes its mind.</summary>
public sealed class TargetTests
{
    private static readonly string[] s_private =
    [
        "http://example.com/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://0.0.0.0/",
        "https://10.1.2.3/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:7f00:1::]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://user@example.com/",
    ];

    [Fact]
    public async Task Put_OfAPrivateTarget_IsRefused()
    {
        await using var app = await BillingApp.OnEmptyAsync("--Billing:Webhooks:AllowPrivateTargets=false");
        foreach (var url in s_private)
        {
            var refused = (await app.PutAsync("/v1/webhook_endpoints/ssrf", $$"""{"url": "{{url}}", "events": ["*"]}""")).IsProblem(422, "invalid_request");
            Assert.Equal(["url"], refused.ErrorPaths);
        }

        (await app.PutAsync("/v1/webhook_endpoints/ssrf", """{"url": "https://1.1.1.1/", "events": ["*"]}""")).Succeeded();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("1.1.1.1", "127.0.0.1")]
    [InlineData("2606:4700:4700::1111", "::1")]
    public async Task Name_ThatLeadsToAPrivateAddress_IsRefused_AndNothingIsConnectedTo(params string[] addresses)
    {
        using var listener = new Listener();
        var guard = new TargetGuard(new Names(addresses), allowPrivate: false);
        Assert.NotNull(await guard.WhatIsWrongAsync($"https://hooks.example:{listener.Port}/", default));
        Assert.Equal("refused_target", (await SendAsync(guard, $"https://hooks.example:{listener.Port}/")).Error);
        Assert.Equal("refused_target", (await SendAsync(guard, $"http://hooks.example:{listener.Port}/")).Error);
        Assert.False(listener.WasCalled);
    }

    [Theory]
    [InlineData("https://2130706433")]
    [InlineData("http://0x7f000001")]
    [InlineData("http://017700000001")]
    [InlineData("http://127.1")]
    [InlineData("http://[::ffff:7f00:1]")]
    [InlineData("http://[::1]")]
    [InlineData("http://127.0.0.1")]
    public async Task Address_HoweverItIsWritten_IsRefused_AndNothingIsConnectedTo(string url)
    {
        using var listener = new Listener();
        // As if the check of the URL were not there: the connection is what counts.
        Assert.Equal("refused_target", (await SendAsync(new TargetGuard(new Names("127.0.0.1"), allowPrivate: false), $"{url}:{listener.Port}/")).Error);
        Assert.False(listener.WasCalled);
    }

    [Fact]
    public async Task Rebinding_TheNameThatWasPublicWhenItWasPut_IsRefusedWhenItIsCalled()
    {
        using var listener = new Listener();
        var names = new Names("1.1.1.1");
        var guard = new TargetGuard(names, allowPrivate: false);
        var url = $"http://hooks.example:{listener.Port}/";
        Assert.Null(await guard.WhatIsWrongAsync("https://hooks.example/", default));

        names.Addresses = [IPAddress.Loopback];
        Assert.Equal("refused_target", (await SendAsync(guard, url)).Error);
        Assert.False(listener.WasCalled);
    }

    [Fact]
    public async Task Connection_GoesToTheAddressThatWasChecked_AndAsksForTheNameOnce()
    {
        await using var subscriber = await Subscriber.StartAsync();
        var names = new Names("127.0.0.1");
        var port = new Uri(subscriber.Url).Port;

        // No resolver but this one knows the name; whoever asked the system again would find nothing.
        var answer = await SendAsync(new TargetGuard(names, allowPrivate: true), $"http://hooks.invalid:{port}/hooks");
        Assert.Equal((204, 1), (answer.Status, names.Asked));
        Assert.Equal($"hooks.invalid:{port}", subscriber.Heard[0].Host);
    }

    [Fact]
    public async Task Name_ThatNobodyKnows_IsTakenWhenItIsPut_AndFailsWhenItIsCalled()
    {
        var guard = new TargetGuard(new Names(), allowPrivate: false);
        Assert.Null(await guard.WhatIsWrongAsync("https://hooks.example/", default));
        Assert.NotNull((await SendAsync(guard, "https://hooks.example/")).Error);
    }

    [Fact]
    public async Task Connection_TriesTheNextAddress_WhereOneDoesNotAnswer()
    {
        await using var subscriber = await Subscriber.StartAsync();

        // Nobody listens at 127.0.0.2 there.
        var answer = await SendAsync(new TargetGuard(new Names("127.0.0.2", "127.0.0.1"), allowPrivate: true), $"http://hooks.invalid:{new Uri(subscriber.Url).Port}/hooks");
        Assert.Equal(204, answer.Status);
    }

    [Fact]
    public async Task Certificate_ThatNobodyVouchesFor_IsRefused()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=hooks.invalid", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await using var subscriber = await Subscriber.StartAsync(certificate);

        var answer = await SendAsync(new TargetGuard(new Names("127.0.0.1"), allowPrivate: true), $"https://hooks.invalid:{new Uri(subscriber.Url).Port}/hooks");
        Assert.Equal((null, "tls_failed"), (answer.Status, answer.Error));
        Assert.Empty(subscriber.Heard);
    }

    [Fact]
    public async Task Body_OfTheAnswer_IsNotRead_HoweverLong()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var answering = PourAsync();

        var answer = await SendAsync(new TargetGuard(new Names("127.0.0.1"), allowPrivate: true), $"http://hooks.invalid:{((IPEndPoint)server.LocalEndpoint).Port}/");
        Assert.Equal(200, answer.Status);
        // The pouring has no end of its own: it ends when the sender hangs up. What it took until then lay in the buffers of the
        // connection, and that may be nothing, where the sender was quicker than the first block.
        Assert.InRange(await answering.WaitAsync(TimeSpan.FromMinutes(2)), 0, 64L * 1024 * 1024);

        async Task<long> PourAsync()
        {
            using var socket = await server.AcceptSocketAsync();
            var block = new byte[64 * 1024];
            await socket.ReceiveAsync(block);
            await socket.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"));
            var sum = 0L;
            try
            {
                while (true) sum += await socket.SendAsync(block);
            }
            catch (SocketException)
            {
                return sum;
            }
        }
    }

    private static async Task<WebhookAnswer> SendAsync(TargetGuard guard, string url)
    {
        using var sender = new WebhookSender(guard, new WebhookOptions { Timeout = TimeSpan.FromSeconds(30) }, TimeProvider.System);
        ImmutableArray<WebhookSecret> secrets = [new("whsec_" + Convert.ToBase64String(new byte[32]), null)];
        return await sender.SendAsync(new WebhookRequest(url, "evt_1", Encoding.UTF8.GetBytes("{}"), secrets), default);
    }

    private sealed class Names(params string[] addresses) : IHostResolver
    {
        private int _asked;

        public IPAddress[] Addresses { get; set; } = [.. addresses.Select(IPAddress.Parse)];

        public int Asked => _asked;

        public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return Addresses.Length > 0 ? Task.FromResult(Addresses) : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound));
        }
    }

    /// <summary>Listens on loopback, in both families where there are both, and tells whether anybody connected.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly TcpListener _listener = Socket.OSSupportsIPv6 ? TcpListener.Create(0) : new TcpListener(IPAddress.Loopback, 0);

        public Listener() => _listener.Start();

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public bool WasCalled => _listener.Pending();

        public void Dispose() => _listener.Dispose();
    }
}
