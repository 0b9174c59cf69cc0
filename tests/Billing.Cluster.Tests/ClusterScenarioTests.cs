using System.Net.Http.Headers;
using Billing.Cluster.Tests.Processes;
using Billing.Testing;
using Billing.Testing.Http;
using Billing.Testing.Scenarios;

namespace Billing.Cluster.Tests;

/// <summary>The project's own scenarios, where a call reaches an API that holds no account and two silos share them.</summary>
public sealed class ClusterScenarioTests
{
    private const int AtATime = 4;

    [PostgresFact]
    public async Task Play_TheFirstOfEachFile_OnTwoSilos_HoldsAtEveryStep()
    {
        await using var cluster = RunningCluster.On(await PostgresCluster.CreateEmptyDatabaseAsync("cluster_scenarios"));
        await cluster.StartAsync(2);
        using var http = new HttpClient(new PatientHandler()) { BaseAddress = cluster.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningCluster.AdminKey);
        var firsts = OwnScenarios.OverHttp.DistinctBy(own => own.File).Select(own => own.Scenario).ToArray();
        Assert.Equal(["cloudflare", "digitalocean", "valid-email-checker"], firsts.Where(scenario => scenario.Policy is null).Select(scenario => scenario.PolicyName).Distinct().Order(StringComparer.Ordinal));
        Assert.True(firsts.Length >= 19, $"{firsts.Length} files have a scenario that can be played over HTTP.");

        List<string> broken = [];
        await Parallel.ForEachAsync(firsts, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (scenario, _) =>
        {
            try
            {
                await HttpScenario.PlayAsync(scenario, http);
            }
            catch (ScenarioBroken failure)
            {
                lock (broken) broken.Add($"{scenario.Name}: {failure.Message}");
            }
        });
        Assert.True(broken.Count == 0, $"{string.Join('\n', broken)}\n{cluster.Output}");
    }
}
