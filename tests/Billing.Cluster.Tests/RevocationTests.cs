using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Billing.Cluster.Tests.Processes;
using Billing.Testing;
using Xunit.Abstractions;

namespace Billing.Cluster.Tests;

/// <summary>A key that is revoked at one API process is refused by the other, which nobody has told.</summary>
public sealed class RevocationTests(ITestOutputHelper output)
{
    /// <summary>What the design promises, from the call on.</summary>
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(1);

    private const int Keys = 5;

    [PostgresFact]
    public async Task Revoked_AtOneProcess_IsRefusedByTheOtherWithinASecond_AndOnceThatIsAnsweredByAll()
    {
        await using var cluster = RunningCluster.On(await PostgresCluster.CreateEmptyDatabaseAsync("cluster_revocation"));
        await cluster.StartAsync(1);
        var other = await cluster.StartApiAsync(elsewhere: true);
        var refusedAfter = new List<TimeSpan>();
        var refusedWhenAnswered = 0;
        for (var n = 0; n < Keys; n++)
        {
            var made = await cluster.Client.PostAsync("/v1/keys", new { name = "shop", scopes = new[] { "read" } }, $"revocation-{n}");
            Assert.True(made.IsDone, $"{made}");
            using var asOther = With(other.Address, made.Text("secret"));
            // The answer that made the key came when every process took it.
            await Eventually.GetAsync("The other process takes it", async () => await StatusAsync(asOther) == HttpStatusCode.OK ? made : null);

            var started = Stopwatch.GetTimestamp();
            var revoking = RevokeAsync(cluster.Address, made.Text("id"), started);
            while (await StatusAsync(asOther) != HttpStatusCode.Unauthorized) Assert.True(Stopwatch.GetElapsedTime(started) < Eventually.Bound, cluster.Output);
            refusedAfter.Add(Stopwatch.GetElapsedTime(started));
            if (await revoking >= refusedAfter[^1]) refusedWhenAnswered++;
        }

        output.WriteLine("refused after " + string.Join(", ", refusedAfter.Select(after => string.Create(CultureInfo.InvariantCulture, $"{after.TotalMilliseconds:0} ms"))));
        // The median: one that a busy machine held up says nothing of the service.
        Assert.True(refusedAfter.Order().ElementAt(Keys / 2) <= Promised, string.Join(", ", refusedAfter));
        Assert.True(refusedWhenAnswered > Keys / 2, $"{refusedWhenAnswered}");
    }

    /// <summary>Revokes a key; after how long that was answered.</summary>
    private static async Task<TimeSpan> RevokeAsync(Uri address, string key, long started)
    {
        using var admin = With(address, RunningCluster.AdminKey);
        using var answer = await admin.DeleteAsync(new Uri("/v1/keys/" + key, UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        return Stopwatch.GetElapsedTime(started);
    }

    private static HttpClient With(Uri address, string key)
    {
        var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri("/v1/accounts", UriKind.Relative));
        return answer.StatusCode;
    }
}
