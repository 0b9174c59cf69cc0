#if ORLEANS
namespace Billing.Benchmarks.Cluster;

/// <summary>
/// The gate on the cluster's engine: API and silo in one process, and in two. Both are clusters of their own on one
/// database, since nothing is written while they are measured.
/// </summary>
internal static class ClusterGates
{
    /// <summary>Runs it and prints the tables.</summary>
    public static async Task RunAsync(Gates gates)
    {
        using var both = await ServerProcess.StartAsync(Ports("both"));
        await gates.PrepareAsync(both);
        string[] apart = [.. Ports("apart"), "--ConnectionStrings:Billing", both.Database.ConnectionString];
        using var silo = await ServerProcess.StartAsync(apart);
        using var api = await ServerProcess.StartAsync([.. apart, "--Billing:Role", "api"]);
        await gates.WarmAsync(both);
        await gates.WarmAsync(api);
        var measured = await gates.RunAsync(new Dictionary<string, Endpoint>
        {
            ["gate, one process"] = Gates.Gate(both, both),
            ["constant JSON of that process"] = Gates.Constant(both),
            ["gate, API → silo"] = Gates.Gate(api, api, silo),
            ["constant JSON of that API"] = Gates.Constant(api),
        });
        Console.WriteLine(gates.Setting);
        foreach (var pair in measured.Chunk(2)) Console.WriteLine(Report.Table(new Dictionary<string, List<Measured>>(pair), pair[0].Key) + '\n');
    }

    private static string[] Ports(string cluster) => ["--Billing:Cluster:SiloPort", "0", "--Billing:Cluster:GatewayPort", "0", "--Billing:Cluster:ClusterId", cluster];
}
#endif
