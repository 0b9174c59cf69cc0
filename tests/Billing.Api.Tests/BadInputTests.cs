using System.Globalization;
using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>Bad input: each gets its problem with every field error, and nothing is written.</summary>
public sealed class BadInputTests(PostgresApp postgres) : IClassFixture<PostgresApp>
{
    private const string Fine = """ "name": "N", "emails": ["a@example.com"], "currency": "USD", "policy": "cloudflare" """;

    private BillingApp App => postgres.App;

    [PostgresTheory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{\"name\": \"a\",}")]
    [InlineData("{/* */}")]
    [InlineData("{\"name\": \"a\", \"name\": \"b\"}")]
    [InlineData("{\"\\ud800\": 1}")]
    public async Task Put_OfNoJson_IsMalformed(string body) => (await App.PutAsync("/v1/accounts/malformed", body)).IsProblem(400, "invalid_request");

    [PostgresTheory]
    [InlineData("[]", "")]
    [InlineData("7", "")]
    [InlineData("{}", "name,emails,currency,policy")]
    [InlineData("""{"name": null, "emails": null, "currency": null, "policy": null}""", "name,emails,currency,policy")]
    [InlineData("""{"name": 5, "emails": "x", "currency": "XYZ", "policy": "none", "time_zone": "Mars/Phobos", "test": 1, "tags": ["A"], "tax_rate": 0.19, "locale": "!", "metadata": []}""",
        "name,emails,currency,policy,time_zone,locale,test,tags[0],tax_rate,metadata")]
    [InlineData("""{"name": "nul\u0000", "emails": ["no", "a b@c"], "currency": "usd", "policy": "..", "extra": 1, "test_clock": "."}""",
        "name,emails[0],emails[1],currency,policy,test_clock,extra")]
    [InlineData("""{"name": "\ud800", "emails": ["\udc00@example.com"], "currency": "USD", "policy": "cloudflare", "metadata": {"k": "\ud800", "l": 1}}""", "name,emails[0],metadata.k,metadata.l")]
    [InlineData("""{"name": "bell\u0007", "emails": ["a@example.com", "a@example.com"], "currency": "USD", "policy": "cloudflare", "test_clock": "nowhere"}""", "name,emails[1],test_clock")]
    public async Task PutAccount_WithWrongFields_NamesEachAndWritesNothing(string body, string paths)
    {
        var answer = (await App.PutAsync("/v1/accounts/wrong", body)).IsProblem(422, "invalid_request");

        var expected = body is "[]" or "7" ? ["", "name", "emails", "currency", "policy"] : paths.Split(',');
        Assert.Equal(expected.Order(StringComparer.Ordinal), answer.ErrorPaths.Order(StringComparer.Ordinal));
        (await App.GetAsync("/v1/accounts/wrong")).IsProblem(404, "not_found");
    }

    [PostgresTheory]
    [InlineData("""{"lines": [{"description": "a", "amount": "5"}]}""", "lines[0].amount")]
    [InlineData("""{"lines": [{"description": "a", "amount": 9223372036854775808}]}""", "lines[0].amount")]
    [InlineData("""{"lines": [{"description": "a", "amount": -1}, {"description": "b", "amount": 1.5}, {"description": "c", "amount": 1e3}]}""", "lines[0].amount,lines[1].amount,lines[2].amount")]
    [InlineData("""{"lines": [{"description": "a", "amount": 1000000000001}]}""", "lines[0].amount,lines")]
    [InlineData("""{"lines": [{"description": "a", "amount": 1000000000000}, {"description": "b", "amount": 1}]}""", "lines")]
    [InlineData("""{"lines": []}""", "lines")]
    [InlineData("""{}""", "lines")]
    [InlineData("""{"lines": [{"description": " ", "amount": 1, "extra": 1}, 5], "collection": "never", "due_at": "tomorrow", "draft": "yes", "more": 0}""",
        "lines[0].description,lines[0].extra,lines[1],lines[1].description,lines[1].amount,collection,due_at,draft,more")]
    [InlineData("""{"lines": [{"description": "a", "amount": 1}], "due_at": "2026-02-28T23:59:59Z"}""", "due_at")]
    [InlineData("""{"lines": [{"description": "a", "amount": 1}], "due_at": "+9999-12-31T23:59:59Z", "subscription": "none"}""", "due_at,subscription")]
    public async Task PutInvoice_WithWrongFields_NamesEachAndWritesNothing(string body, string paths)
    {
        var story = await Story.BeginAsync(App);

        var answer = (await App.PutAsync($"{story.Path}/invoices/{story.Account}-I", body)).IsProblem(422, "invalid_request");

        Assert.Subset(paths.Split(',').Append("lines").ToHashSet(StringComparer.Ordinal), answer.ErrorPaths.ToHashSet(StringComparer.Ordinal));
        Assert.Superset(paths.Split(',').Where(path => path != "lines").ToHashSet(StringComparer.Ordinal), answer.ErrorPaths.ToHashSet(StringComparer.Ordinal));
        (await App.GetAsync($"/v1/invoices/{story.Account}-I")).IsProblem(404, "not_found");
    }

    [PostgresTheory]
    [InlineData("a~b")]
    [InlineData("-a")]
    [InlineData(".a")]
    [InlineData("a b")]
    [InlineData("a%2Fb")]
    [InlineData("%C3%A4")]
    public async Task Put_WithWrongId_IsRefused(string id)
    {
        Assert.Equal(["account"], (await App.PutAsync($"/v1/accounts/{id}", $"{{{Fine}}}")).IsProblem(422, "invalid_request").ErrorPaths);
        (await App.GetAsync($"/v1/accounts/{id}")).IsProblem(404, "not_found");
    }

    [PostgresTheory]
    [InlineData(128, 200)]
    [InlineData(129, 422)]
    public async Task Put_WithLongId_IsTakenUpToTheBound(int length, int status)
    {
        var id = new string('i', length);
        Assert.Equal(status, (int)(await App.PutAsync($"/v1/accounts/{id}", $"{{{Fine}}}")).Status);
        Assert.Equal(status == 200 ? 200 : 404, (int)(await App.GetAsync($"/v1/accounts/{id}")).Status);
    }

    [PostgresTheory]
    [InlineData("%2e")]
    [InlineData("%2e%2e")]
    public async Task Put_WithDots_ReachesNoAccount(string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri($"{App.Address}v1/accounts/{id}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + BillingApp.Key);
        request.Content = new StringContent($"{{{Fine}}}");
        var answer = await App.SendAsync(request);
        Assert.True((int)answer.Status is 404 or 405 or 422, answer.Text);
        Assert.NotNull(answer.Code);
    }

    [PostgresFact]
    public async Task Pay_WithWrongFields_NamesEach()
    {
        var story = await Story.BeginAsync(App);
        var invoice = await story.InvoiceAsync();

        var answer = (await App.PostAsync($"/v1/invoices/{invoice}/pay", """{"payment_method": "..", "one_off": {"gateway": "none", "kind": "cash", "keep": "yes", "x": 1}, "wait_seconds": 21, "y": 2}""")).IsProblem(422, "invalid_request");

        Assert.Equal(
            ["one_off.gateway", "one_off.keep", "one_off.kind", "one_off.token", "one_off.x", "payment_method", "wait_seconds", "y"],
            answer.ErrorPaths.Order(StringComparer.Ordinal));
        Assert.Empty(await story.ChargesAsync());
    }

    [PostgresTheory]
    [InlineData("4242424242424242")]
    [InlineData("4242 4242 4242 4242")]
    [InlineData("4000-0566-5566-5556")]
    [InlineData("378282246310005")]
    public async Task PutMethod_WithCardNumber_IsRefusedAndNotEchoed(string number)
    {
        var story = await Story.BeginAsync(App);
        var answer = (await App.PutAsync($"{story.Path}/payment_methods/number", $$"""{"gateway": "sandbox", "token": "{{number}}", "kind": "card"}""")).IsProblem(422, "invalid_request");
        Assert.Equal(["token"], answer.ErrorPaths);
        Assert.DoesNotContain(number, answer.Text, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task PutPolicy_ThatDeniesPaying_IsRefused()
    {
        const string Policy = """{"standings": [{"name": "late", "when": {"unpaid_for": "1d"}, "deny": ["payment.create"], "message": "m", "colour": "red"}]}""";
        var answer = (await App.PutAsync("/v1/policies/bad", Policy)).IsProblem(422, "policy_invalid");
        Assert.Contains("standings[0].deny[0]", answer.ErrorPaths);
        Assert.Contains("standings[0].colour", answer.ErrorPaths);
        (await App.GetAsync("/v1/policies/bad")).IsProblem(404, "not_found");
        Assert.False((await App.PostAsync("/v1/policies/validate", Policy)).Succeeded()["valid"].GetBoolean());
    }

    [PostgresTheory]
    [InlineData("/v1/accounts?limit=0", "limit")]
    [InlineData("/v1/accounts?limit=201", "limit")]
    [InlineData("/v1/accounts?limit=x&standng=good", "limit,standng")]
    [InlineData("/v1/accounts?after=nonsense", "after")]
    [InlineData("/v1/events?after=-1", "after")]
    [InlineData("/v1/accounts?tag=%00", "tag")]
    public async Task List_WithWrongQuery_NamesEach(string path, string paths) =>
        Assert.Equal(paths.Split(','), (await App.GetAsync(path)).IsProblem(422, "invalid_request").ErrorPaths);

    [PostgresFact]
    public async Task Put_OfALargeBody_IsTakenUpToTheBound()
    {
        string Body(int bytes) => $"{{{Fine}}}".PadRight(bytes);
        (await App.PutAsync("/v1/accounts/large", Body(256 * 1024))).Succeeded();
        (await App.PutAsync("/v1/accounts/large", Body((256 * 1024) + 1))).IsProblem(413, "too_large");
    }

    [PostgresFact]
    public async Task Put_OfDeepJson_IsTakenUpToTheBound()
    {
        string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1);
        (await App.PutAsync("/v1/accounts/deep", Nested(32))).IsProblem(422, "invalid_request");
        (await App.PutAsync("/v1/accounts/deep", Nested(33))).IsProblem(400, "invalid_request");
    }

    [PostgresFact]
    public async Task Errors_OfOneAnswer_AreBounded()
    {
        var fields = string.Join(",", Enumerable.Range(0, 5000).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"x{i}\": 0")));
        Assert.Equal(101, (await App.PutAsync("/v1/accounts/many", $"{{{fields}}}")).IsProblem(422, "invalid_request").ErrorPaths.Length);
    }
}
