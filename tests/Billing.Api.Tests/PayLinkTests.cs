using System.Text.Json;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>Pay links: a customer without a key sees what is due and pays it, and nothing else.</summary>
public sealed class PayLinkTests : IAsyncLifetime
{
    private const string Root = "https://billing.example.com";

    private BillingApp _app = null!;

    public async Task InitializeAsync() => _app = await BillingApp.OnEmptyAsync("--Billing:PublicUrl=" + Root, "--Billing:RateLimits:FailuresPerMinute=1000000");

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Link_ShowsWhatIsDue_AndNothingOfTheCustomer()
    {
        var story = await Story.BeginAsync(_app);
        var invoice = await story.InvoiceAsync();
        var page = (await FollowAsync("GET", await LinkAsync(story))).Succeeded();

        Assert.Equal(2000, page["amount_to_pay"].GetInt64());
        Assert.Equal((2000, "USD", true), (page["amount_due"].GetInt64(), page["currency"].GetString(), page["test"].GetBoolean()));
        Assert.Equal("work", page["invoices"][0].GetProperty("lines")[0].GetProperty("description").GetString());
        Assert.Equal("card", page["payment_methods"][0].GetProperty("id").GetString());
        foreach (var hidden in new[] { "Tester", "owner@example.com", story.Account + "\"", story.Account + "-tok", invoice }) Assert.DoesNotContain(hidden, page.Text, StringComparison.Ordinal);
        Assert.Equal(("no-store", "no-referrer"), (page.Headers["Cache-Control"], page.Headers["Referrer-Policy"]));
        Assert.Contains("frame-ancestors 'none'", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scanner_FollowsALink_AndNothingMoves()
    {
        var story = await Story.BeginAsync(_app);
        await story.InvoiceAsync();
        var path = await LinkAsync(story);
        var before = await EventsAsync(story);
        for (var i = 0; i < 5; i++) (await FollowAsync("GET", path)).Succeeded();

        Assert.Empty(await story.ChargesAsync());
        Assert.Equal(before, await EventsAsync(story));
    }

    [Fact]
    public async Task Paying_EndsTheLink_AndTheSameKeyShowsThePayment()
    {
        var story = await Story.BeginAsync(_app);
        await story.InvoiceAsync();
        var path = await LinkAsync(story);
        var paid = (await FollowAsync("POST", path, key: "k1", origin: Root)).Succeeded();
        Assert.Equal(("succeeded", 2000), (paid["status"].GetString(), paid["amount"].GetInt64()));

        (await FollowAsync("GET", path)).IsProblem(404, "not_found");
        (await FollowAsync("POST", path, key: "k2")).IsProblem(404, "not_found");
        Assert.Equal("true", (await FollowAsync("POST", path, key: "k1")).Succeeded().Headers["Idempotent-Replayed"]);
        Assert.Single(await story.ChargesAsync());

        // A new debt does not open an old mail.
        await story.InvoiceAsync("I2");
        (await FollowAsync("GET", path)).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task EveryDeadLink_IsOneAndTheSame()
    {
        var (story, other) = (await Story.BeginAsync(_app), await Story.BeginAsync(_app));
        await story.InvoiceAsync();
        await other.InvoiceAsync();
        var (expired, revoked) = (await LinkAsync(story), await MakeAsync(other));
        await story.AdvanceAsync("2026-03-31T00:00:00Z");
        // Another account's link is no link of this one.
        (await _app.SendAsync("DELETE", $"{story.Path}/pay_links/{revoked["id"].GetString()}")).IsProblem(404, "not_found");
        (await FollowAsync("GET", PathOf(revoked))).Succeeded();
        (await _app.SendAsync("DELETE", $"{other.Path}/pay_links/{revoked["id"].GetString()}")).Succeeded();

        var answers = new List<string>();
        foreach (var path in new[] { "/v1/pay/AAAAAAAAAAAAAAAAAAAAAA", "/v1/pay/" + new string('x', 2000), "/v1/pay/" + revoked["id"].GetString(), expired, PathOf(revoked) })
        {
            answers.Add((await FollowAsync("GET", path)).IsProblem(404, "not_found").Text);
            answers.Add((await FollowAsync("POST", path)).IsProblem(404, "not_found").Text);
        }

        Assert.Single(answers.Distinct(StringComparer.Ordinal));
        Assert.Empty((await story.ChargesAsync()).Concat(await other.ChargesAsync()));
    }

    [Fact]
    public async Task Token_IsShownOnce_AndNowhereElse()
    {
        var story = await Story.BeginAsync(_app);
        await story.InvoiceAsync();
        var made = (await _app.PostAsync(story.Path + "/pay_links", "{}", "one")).Succeeded();
        var token = PathOf(made)["/v1/pay/".Length..];
        Assert.True(token.Length >= 22);

        var again = (await _app.PostAsync(story.Path + "/pay_links", "{}", "one")).Succeeded();
        Assert.Equal((made["id"].GetString(), JsonValueKind.Null), (again["id"].GetString(), again["url"].ValueKind));
        await FollowAsync("POST", PathOf(made));
        foreach (var path in new[] { story.Path, story.Path + "/pay_links", story.Path + "/gate?operation=purchase", $"/v1/events?account={story.Account}&limit=200" })
        {
            Assert.DoesNotContain(token, (await _app.GetAsync(path)).Succeeded().Text, StringComparison.Ordinal);
        }

        Assert.Contains(made["id"].GetString()!, (await _app.GetAsync($"/v1/events?account={story.Account}&limit=200")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example", null)]
    [InlineData("null", null)]
    [InlineData("https://billing.example.com.evil.example", null)]
    [InlineData("http://billing.example.com", null)]
    [InlineData(null, "cross-site")]
    [InlineData(null, "same-site")]
    public async Task Payment_FromAnotherSite_IsRefused(string? origin, string? site)
    {
        var story = await Story.BeginAsync(_app);
        await story.InvoiceAsync();
        (await FollowAsync("POST", await LinkAsync(story), origin: origin, site: site)).IsProblem(403, "forbidden");
        Assert.Empty(await story.ChargesAsync());
    }

    [Fact]
    public async Task Link_PaysAndDoesNothingElse()
    {
        var story = await Story.BeginAsync(_app);
        await story.InvoiceAsync();
        var path = await LinkAsync(story);
        Assert.Equal(["one_off.keep"], (await FollowAsync("POST", path, """{"one_off": {"gateway": "sandbox", "token": "tok_x", "kind": "card", "keep": true}}""")).IsProblem(422, "invalid_request").ErrorPaths);
        Assert.Equal(["amount"], (await FollowAsync("POST", path, """{"amount": 1}""")).IsProblem(422, "invalid_request").ErrorPaths);
        (await FollowAsync("POST", path, key: "")).IsProblem(422, "invalid_request");
        foreach (var method in new[] { "PUT", "DELETE", "PATCH" }) Assert.True((int)(await FollowAsync(method, path)).Status is 401 or 405);
        Assert.Empty(await story.ChargesAsync());
    }

    [Fact]
    public async Task Amount_ThatIsNoLongerWhatWasShown_IsNotCharged()
    {
        var story = await Story.BeginAsync(_app);
        await story.InvoiceAsync("I1");
        var path = await LinkAsync(story);
        var shown = (await FollowAsync("GET", path)).Succeeded()["amount_to_pay"].GetInt64();
        await story.InvoiceAsync("I2");

        (await FollowAsync("POST", path, $$"""{"expected_amount": {{shown}}}""", key: "e1")).IsProblem(409, "amount_changed");
        Assert.Empty(await story.ChargesAsync());
        // Nothing is kept for the key: the customer looks again, and pays what there is.
        shown = (await FollowAsync("GET", path)).Succeeded()["amount_to_pay"].GetInt64();
        Assert.Equal(4000, (await FollowAsync("POST", path, $$"""{"expected_amount": {{shown}}}""", key: "e1")).Succeeded()["amount"].GetInt64());
        (await FollowAsync("POST", path, """{"expected_amount": 1}""", key: "e1")).IsProblem(422, "idempotency_mismatch");
        Assert.Equal(["expected_amount"], (await FollowAsync("POST", await LinkAsync(await NewAsync()), """{"expected_amount": -1}""")).IsProblem(422, "invalid_request").ErrorPaths);

        async Task<Story> NewAsync()
        {
            var other = await Story.BeginAsync(_app);
            await other.InvoiceAsync();
            return other;
        }
    }

    [Fact]
    public async Task AmountToPay_LeavesOutWhatIsUnderWay()
    {
        var story = await Story.BeginAsync(_app);
        await story.InvoiceAsync("I1");
        var path = await LinkAsync(story);
        var slow = await story.TokenAsync("slow", """["processing"]""");
        Assert.Equal("processing", (await FollowAsync("POST", path, OneOff(slow))).Succeeded()["status"].GetString());
        Assert.Equal(0, (await FollowAsync("GET", path)).Succeeded()["amount_to_pay"].GetInt64());
        (await FollowAsync("POST", path, """{"expected_amount": 2000}""")).IsProblem(409, "payment_in_flight");

        await story.InvoiceAsync("I2");
        var page = (await FollowAsync("GET", path)).Succeeded();
        Assert.Equal((4000, 2000), (page["amount_due"].GetInt64(), page["amount_to_pay"].GetInt64()));
        Assert.Equal(2000, (await FollowAsync("POST", path, """{"expected_amount": 2000}""")).Succeeded()["amount"].GetInt64());
    }

    [Fact]
    public async Task Declines_AreLimited_AndSayNoCode()
    {
        var story = await Story.BeginAsync(_app, """["decline:stolen_card"]""");
        await story.InvoiceAsync();
        var path = await LinkAsync(story);
        for (var i = 0; i < 5; i++)
        {
            var token = await story.TokenAsync($"d{i}", """["decline:stolen_card"]""");
            var declined = (await FollowAsync("POST", path, OneOff(token))).IsProblem(402, "payment_declined");
            Assert.DoesNotContain("stolen", declined.Text, StringComparison.Ordinal);
        }

        var good = await story.TokenAsync("good", """["ok"]""");
        Assert.Equal("3600", (await FollowAsync("POST", path, OneOff(good))).IsProblem(429, "too_many_declines").Headers["Retry-After"]);
        (await _app.PostAsync(story.Path + "/pay", OneOff(good))).IsProblem(429, "too_many_declines");
        // Money on hand is always taken, and an hour later the card is.
        await story.AdvanceAsync("2026-03-01T01:00:00Z");
        Assert.Equal("succeeded", (await FollowAsync("POST", path, OneOff(good))).Succeeded()["status"].GetString());
    }

    [Fact]
    public async Task Address_WithManyDeclines_IsRefusedOnEveryLink()
    {
        var paths = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var story = await Story.BeginAsync(_app, """["decline:insufficient_funds"]""");
            await story.InvoiceAsync();
            paths.Add(await LinkAsync(story));
        }

        for (var i = 0; i < 10; i++) (await FollowAsync("POST", paths[i / 5])).IsProblem(402, "payment_declined");
        (await FollowAsync("POST", paths[2])).IsProblem(429, "too_many_declines");
    }

    [Fact]
    public async Task Link_IsNotMade_WhereNothingIsDue_OrThereAreTooMany()
    {
        var story = await Story.BeginAsync(_app);
        (await _app.PostAsync(story.Path + "/pay_links")).IsProblem(409, "nothing_due");
        await story.InvoiceAsync();
        for (var i = 0; i < 20; i++) await LinkAsync(story);
        (await _app.PostAsync(story.Path + "/pay_links")).IsProblem(409, "too_many");
    }

    [Fact]
    public async Task Url_IsNeverMadeOfTheHostHeader()
    {
        var story = await Story.BeginAsync(_app);
        await story.InvoiceAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, story.Path + "/pay_links") { Content = new StringContent("{}") };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + BillingApp.Key);
        request.Headers.Host = "evil.example";
        request.Headers.TryAddWithoutValidation("X-Forwarded-Host", "evil.example");
        var made = (await _app.SendAsync(request)).Succeeded();
        Assert.StartsWith(Root + "/v1/pay/", made["url"].GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("evil", made.Text, StringComparison.Ordinal);
    }

    private static string OneOff(string token) => $$"""{"one_off": {"gateway": "sandbox", "token": "{{token}}", "kind": "card"} }""";

    private async Task<Answer> MakeAsync(Story story) => (await _app.PostAsync(story.Path + "/pay_links")).Succeeded();

    private async Task<string> LinkAsync(Story story) => PathOf(await MakeAsync(story));

    private static string PathOf(Answer made) => made["url"].GetString()![Root.Length..];

    private async Task<string> EventsAsync(Story story) => (await _app.GetAsync($"/v1/events?account={story.Account}&limit=200")).Text;

    /// <summary>Follows a link as a browser or a scanner does: without a key.</summary>
    private async Task<Answer> FollowAsync(string method, string path, string? body = null, string? key = null, string? origin = null, string? site = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST" && key != "") request.Headers.TryAddWithoutValidation("Idempotency-Key", key ?? Guid.CreateVersion7().ToString());
        if (origin is not null) request.Headers.TryAddWithoutValidation("Origin", origin);
        if (site is not null) request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", site);
        if (body is not null) request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        return await _app.SendAsync(request);
    }
}
