using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>Keys, paths and methods, and what every answer carries.</summary>
public sealed class AccessTests(PostgresApp postgres) : IClassFixture<PostgresApp>
{
    private BillingApp App => postgres.App;

    [PostgresTheory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer wrong")]
    [InlineData("Basic " + BillingApp.Key)]
    [InlineData("Bearer " + BillingApp.Key + "x")]
    public async Task Call_WithoutAValidKey_IsRefused(string? authorization)
    {
        foreach (var path in new[] { "/v1/accounts", "/V1/accounts", "/v1/nothing", "/v1" })
        {
            var answer = (await App.SendAsync("GET", path, authorization: authorization)).IsProblem(401, "unauthenticated");
            Assert.Equal("Bearer", answer.Headers["WWW-Authenticate"]);
        }
    }

    [PostgresTheory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/problems/not_found")]
    [InlineData("/openapi/v1.json")]
    public async Task OpenPath_NeedsNoKey(string path) => (await App.SendAsync("GET", path, authorization: null)).Succeeded();

    [PostgresFact]
    public async Task Answer_SaysNothingOfTheServer_AndIsNotKept()
    {
        var answer = (await App.GetAsync("/v1/accounts")).Succeeded();
        Assert.Equal(("nosniff", "no-store"), (answer.Headers["X-Content-Type-Options"], answer.Headers["Cache-Control"]));
        Assert.False(answer.Headers.ContainsKey("Server"));
        Assert.False(answer.Headers.ContainsKey("Billing-Store"));
    }

    [PostgresFact]
    public async Task WrongPathOrMethod_IsAProblem()
    {
        (await App.GetAsync("/v1/nothing")).IsProblem(404, "not_found");
        (await App.GetAsync("/nothing")).IsProblem(404, "not_found");
        (await App.GetAsync("/problems/nothing")).IsProblem(404, "not_found");
        (await App.SendAsync("DELETE", "/v1/accounts/a")).IsProblem(405, "invalid_request");
    }

    [Fact]
    public async Task Pages_ExistForEveryCode()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        foreach (var kind in Hosting.ProblemCatalog.All)
        {
            var page = (await app.SendAsync("GET", "/problems/" + kind.Code, authorization: null)).Succeeded();
            Assert.Contains(kind.Code, page.Text, StringComparison.Ordinal);
            Assert.Contains("What to do", page.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AdminKey_ThatIsShort_RefusesTheStart() =>
        await Assert.ThrowsAsync<Billing.Silo.StartRefusedException>(() => BillingApp.OnEmptyAsync("--Billing:AdminKey=" + new string('k', 31)));

    [Fact]
    public async Task AdminKey_OfTheShortestLength_IsTaken()
    {
        var key = new string('k', 32);
        await using var app = await BillingApp.OnEmptyAsync("--Billing:AdminKey=" + key);
        (await app.SendAsync("GET", "/v1/accounts", authorization: "Bearer " + key)).Succeeded();
    }

    [Fact]
    public async Task AdminKey_ThatNobodyGave_IsMadeOnceAndKept()
    {
        var folder = Directory.CreateTempSubdirectory("billing-admin-key-").FullName;
        try
        {
            var file = Path.Combine(folder, "admin-key");
            string first;
            await using (var app = await BillingApp.OnEmptyAsync("--Billing:AdminKey=", "--Billing:DataFolder=" + folder))
            {
                first = await File.ReadAllTextAsync(file);
                (await app.SendAsync("GET", "/v1/accounts", authorization: "Bearer " + first)).Succeeded();
            }

            await using var again = await BillingApp.OnEmptyAsync("--Billing:AdminKey=", "--Billing:DataFolder=" + folder);
            Assert.Equal(first, await File.ReadAllTextAsync(file));
            Assert.True(first.Length >= 32);
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

#if EMBEDDED
    [Fact]
    public async Task Memory_IsSaidInEachAnswer_AndWorks()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        Assert.Equal("memory", (await app.GetAsync("/readyz")).Succeeded()["store"].GetString());
        var story = await Story.BeginAsync(app);
        var paid = (await app.PostAsync($"/v1/invoices/{await story.InvoiceAsync()}/pay")).Succeeded();
        Assert.Equal(("memory", "succeeded"), (paid.Headers["Billing-Store"], paid["status"].GetString()));
        Assert.Equal("memory", (await app.GetAsync("/v1/accounts/none")).IsProblem(404, "not_found").Headers["Billing-Store"]);
    }
#endif
}
