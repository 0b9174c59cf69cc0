using System.Net;
using System.Net.Sockets;
using Billing.Silo;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>What hinders a start is one sentence that names it, and no value that could be a secret.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("Billing:Sweeper:Shards=0", "Billing:Sweeper:Shards is 0; it must be 1 to 64.")]
    [InlineData("Billing:Sweeper:Shards=65", "Billing:Sweeper:Shards is 65; it must be 1 to 64.")]
    [InlineData("Billing:Sweeper:PerSecond=0", "Billing:Sweeper:PerSecond is 0; it must be 4 to 100000.")]
    [InlineData("Billing:Sweeper:Every=-00:00:01", "Billing:Sweeper:Every is -00:00:01; it must be 00:00:01 to 01:00:00.")]
    [InlineData("Billing:Sweeper:Lateness=00:00:00", "Billing:Sweeper:Lateness is 00:00:00; it must be 00:00:01 to 01:00:00.")]
    [InlineData("Billing:Delivery:Bound=-00:00:01", "Billing:Delivery:Bound is -00:00:01; it must be 00:00:01 to 00:02:00.")]
    [InlineData("Billing:Delivery:LongestRetry=00:00:00.05", "Billing:Delivery:LongestRetry is 00:00:00.0500000; it must be 00:00:00.1000000 to 01:00:00.")]
    [InlineData("Billing:PolicyRefresh=00:00:00", "Billing:PolicyRefresh is 00:00:00; it must be 00:00:00.1000000 to 00:01:00.")]
    [InlineData("Billing:Drain=00:06:00", "Billing:Drain is 00:06:00; it must be 0 to 00:05:00.")]
    public async Task Setting_BeyondItsRange_RefusesTheStart(string setting, string why) => Assert.Equal(why, await RefusalAsync("--" + setting));

    [Fact]
    public async Task Setting_ThatCannotBeRead_RefusesTheStart() =>
        Assert.StartsWith("Failed to convert configuration value 'banana' at 'Billing:Drain'", await RefusalAsync("--Billing:Drain=banana"), StringComparison.Ordinal);

    [Theory]
    [InlineData("postgres://billing:sesame@db.example.com/billing")]
    [InlineData("Host=db.example.com;Port=sesame")]
    [InlineData("Host=db.example.com;Password=open;sesame")]
    public async Task ConnectionString_ThatCannotBeRead_RefusesTheStart_AndIsNotRepeated(string given)
    {
        var why = await RefusalAsync("--ConnectionStrings:Billing=" + given);
        Assert.StartsWith("ConnectionStrings:Billing cannot be read", why, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HttpPort_ThatIsTaken_RefusesTheStart()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var failure = await Record.ExceptionAsync(() => BillingApp.OnEmptyAsync($"--urls=http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}"));
        Assert.StartsWith("The process cannot listen: ", ServiceProgram.Explain(failure!), StringComparison.Ordinal);
    }

    [Fact]
    public void SiloPort_ThatIsTaken_RefusesTheStart_AlsoWhereItsHolderWouldShareIt()
    {
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        holder.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        holder.Listen();
        var port = ((IPEndPoint)holder.LocalEndPoint!).Port;

        Assert.StartsWith($"Billing:Cluster:SiloPort is {port}, and", Assert.Throws<StartRefusedException>(() => Ports.Check(IPAddress.Loopback, port, 0)).Message, StringComparison.Ordinal);
        Assert.StartsWith($"Billing:Cluster:GatewayPort is {port}, and", Assert.Throws<StartRefusedException>(() => Ports.Check(IPAddress.Any, 0, port)).Message, StringComparison.Ordinal);
        Assert.Equal($"Billing:Cluster:SiloPort and GatewayPort are both {port}; they must be two ports.", Assert.Throws<StartRefusedException>(() => Ports.Check(IPAddress.Loopback, port, port)).Message);
    }

    [Fact]
    public async Task ClusterAddress_ThatNobodyKnows_RefusesTheStart() =>
        Assert.Equal("Billing:Cluster:Address is 'nobody.invalid', which leads to no address.", (await Assert.ThrowsAsync<StartRefusedException>(() => Ports.FindAsync("nobody.invalid"))).Message);

    private static async Task<string?> RefusalAsync(string setting) => ServiceProgram.Explain((await Record.ExceptionAsync(() => BillingApp.OnEmptyAsync(setting)))!);
}
