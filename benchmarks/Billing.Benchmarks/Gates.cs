using System.Net.Http.Json;
using System.Text;

namespace Billing.Benchmarks;

/// <summary>What is asked of whom.</summary>
/// <param name="At">Who is asked.</param>
/// <param name="Path">The path before the account's number.</param>
/// <param name="Rest">The path after it.</param>
/// <param name="Servers">Who works for the answer.</param>
internal sealed record Endpoint(ServerProcess At, string Path, string Rest, params ServerProcess[] Servers);

/// <summary>The gate of warm accounts over HTTP, in turn with endpoints to compare it with.</summary>
internal sealed class Gates(int accounts, int connections, int rounds, int seconds)
{
    /// <summary>How it was measured.</summary>
    public string Setting => $"{accounts} warm accounts, {connections} connections, {rounds} rounds of {seconds} s each, one round to warm up\n";

    /// <summary>The gate of a service.</summary>
    public static Endpoint Gate(ServerProcess at, params ServerProcess[] servers) => new(at, "/v1/accounts/account-", "/gate?operation=purchase", servers);

    /// <summary>An answer of the gate's size that nobody computes.</summary>
    public static Endpoint Constant(ServerProcess at) => new(at, "/benchmark/constant/account-", "", at);

    /// <summary>One prepared SELECT of the account's row by key.</summary>
    public static Endpoint Select(ServerProcess at) => new(at, "/benchmark/select/account-", "", at);

    /// <summary>Makes the accounts.</summary>
    public async Task PrepareAsync(ServerProcess server)
    {
        using var client = server.Client();
        await EachAsync(async (n, cancellationToken) =>
        {
            var body = new { name = $"Account {n}", emails = new[] { "owner@example.com" }, currency = "USD", policy = "cloudflare", test = true };
            using var made = await client.PutAsJsonAsync($"/v1/accounts/account-{n}", body, cancellationToken);
            made.EnsureSuccessStatusCode();
        });
    }

    /// <summary>Asks for every account once.</summary>
    public async Task WarmAsync(ServerProcess server)
    {
        using var client = server.Client();
        await EachAsync(async (n, cancellationToken) =>
        {
            using var warm = await client.GetAsync(new Uri($"/v1/accounts/account-{n}/gate?operation=purchase", UriKind.Relative), cancellationToken);
            warm.EnsureSuccessStatusCode();
        });
    }

    /// <summary>Asks each endpoint in turn, round after round.</summary>
    public async Task<IReadOnlyDictionary<string, List<Measured>>> RunAsync(IReadOnlyDictionary<string, Endpoint> endpoints)
    {
        var requests = endpoints.ToDictionary(endpoint => endpoint.Key, endpoint => Requests(endpoint.Value));
        var measured = endpoints.Keys.ToDictionary(name => name, _ => new List<Measured>());
        for (var round = -1; round < rounds; round++)
        {
            foreach (var (name, endpoint) in endpoints)
            {
                var before = Cpu(endpoint);
                var result = await Round.RunAsync(endpoint.At.Port, connections, TimeSpan.FromSeconds(seconds), requests[name]);
                if (round >= 0) measured[name].Add(result with { ServerCpu = (Cpu(endpoint) - before) / result.Answers });
            }
        }

        return measured;
    }

    private static double Cpu(Endpoint endpoint) => endpoint.Servers.Sum(server => server.ProcessorTime.TotalMicroseconds);

    private Task EachAsync(Func<int, CancellationToken, ValueTask> body) => Parallel.ForEachAsync(Enumerable.Range(0, accounts), new ParallelOptions { MaxDegreeOfParallelism = 16 }, body);

    private Func<int, ReadOnlyMemory<byte>> Requests(Endpoint endpoint)
    {
        var prepared = Enumerable.Range(0, accounts)
            .Select(n => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes($"GET {endpoint.Path}{n}{endpoint.Rest} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {Server.Key}\r\n\r\n")).ToArray();
        return n => prepared[(int)((uint)(n * 7919) % (uint)accounts)];
    }
}
