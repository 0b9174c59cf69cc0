using System.Text.Json;
using System.Text.RegularExpressions;
using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>Refusals are what the OpenAPI document says of them, and name what a program needs to go on.</summary>
public sealed class ProblemTests(PostgresApp postgres) : IClassFixture<PostgresApp>
{
    private BillingApp App => postgres.App;

    [PostgresFact]
    public async Task Refusals_AreAsTheDocumentSays()
    {
        var document = (await App.SendAsync("GET", "/openapi/v1.json", authorization: null)).Succeeded().Json;
        var story = await Story.BeginAsync(App, """["decline:insufficient_funds"]""");
        var invoice = await story.InvoiceAsync();

        foreach (var (method, path, body, status) in new (string, string, string?, int)[]
        {
            ("PUT", story.Path, "{", 400),
            ("PUT", story.Path, """{"name": 1, "colour": "red"}""", 422),
            ("GET", "/v1/accounts/none", null, 404),
            ("PUT", $"{story.Path}/invoices/{invoice}", """{"lines": [{"description": "other", "amount": 1}]}""", 409),
            ("POST", $"/v1/invoices/{invoice}/pay", "{}", 402),
            ("POST", $"/v1/invoices/{invoice}/pay", "[", 400),
            ("GET", $"{story.Path}/gate?operation=nobody.knows", null, 422),
            ("PUT", "/v1/policies/wrong", """{"standings": 1}""", 422),
            ("POST", "/v1/webhooks/sandbox", "{}", 400),
        })
        {
            var answer = await App.SendAsync(method, path, body);
            Assert.Equal(status, (int)answer.Status);
            AssertDescribed(document, method, path, answer);
        }

        var stranger = await App.SendAsync("GET", story.Path, authorization: null);
        AssertDescribed(document, "GET", story.Path, stranger);
    }

    [PostgresFact]
    public async Task PaymentInFlight_NamesThePayment()
    {
        var story = await Story.BeginAsync(App, """["processing"]""");
        var invoice = await story.InvoiceAsync();
        var payment = (await App.PostAsync($"/v1/invoices/{invoice}/pay", """{"wait_seconds": 0}""")).Succeeded()["id"].GetString();
        await story.QuietAsync();

        foreach (var refused in new[]
        {
            await App.PostAsync($"/v1/invoices/{invoice}/pay"), await App.PostAsync($"{story.Path}/pay"), await App.PostAsync($"/v1/invoices/{invoice}/void"),
            await App.PostAsync($"/v1/invoices/{invoice}/adjust", """{"amount": 1, "reason": "x"}"""), await App.SendAsync("DELETE", $"{story.Path}/payment_methods/card"),
        }) Assert.Equal(payment, refused.IsProblem(409, "payment_in_flight")["payment"].GetString());
    }

    [PostgresFact]
    public async Task OperationDenied_SaysTheStandingAndWhatToPay()
    {
        var policy = "denies-power-" + Guid.NewGuid().ToString("N");
        (await App.PutAsync("/v1/policies/" + policy, """{"standings": [{"name": "late", "when": {"unpaid_for": "0d"}, "deny": ["resource.power_on"], "message": "Pay first."}]}""")).Succeeded();
        var account = "/v1/accounts/" + policy;
        (await App.PutAsync(account, $$"""{"name": "A", "emails": ["a@example.com"], "currency": "USD", "policy": "{{policy}}", "test": true}""")).Succeeded();
        (await App.PutAsync(account + "/resources/vm", """{"kind": "vm", "state": "stopped"}""")).Succeeded();
        (await App.PutAsync($"{account}/invoices/{policy}-1", """{"lines": [{"description": "work", "amount": 900}], "collection": "manual"}""")).Succeeded();

        var denied = (await App.PostAsync(account + "/resources/vm/power_on")).IsProblem(403, "operation_denied");
        Assert.Equal(("late", 900L), (denied["standing"].GetString(), denied["amount_to_clear"].GetInt64()));
    }

    [PostgresFact]
    public async Task Refund_ThatIsRefused_NamesWhatIsWrong_AndIsNoneOfThePayments()
    {
        var story = await Story.BeginAsync(App);
        var payment = (await App.PostAsync($"/v1/invoices/{await story.InvoiceAsync()}/pay")).Succeeded()["id"].GetString();
        var other = await story.InvoiceAsync("I2");

        foreach (var invoice in new[] { "no-such", other })
        {
            Assert.Equal(["invoice"], (await App.PostAsync($"/v1/payments/{payment}/refund", $$"""{"amount": 100, "invoice": "{{invoice}}"}""")).IsProblem(422, "invalid_request").ErrorPaths);
        }

        Assert.Equal(["amount"], (await App.PostAsync($"/v1/payments/{payment}/refund", """{"amount": 2001}""")).IsProblem(422, "invalid_request").ErrorPaths);
        Assert.Empty((await App.GetAsync($"/v1/payments/{payment}"))["refunds"].EnumerateArray());
    }

    [PostgresTheory]
    [InlineData("/gate?operation=purchase&min_versoin=3", "min_versoin")]
    [InlineData("/explain?min_version=3", "min_version")]
    [InlineData("/forecast?days=3", "days")]
    [InlineData("?min_version=3", "min_version")]
    [InlineData("/payment_methods/card?x", "x")]
    public async Task Query_ThatIsNotKnown_IsRefused(string query, string path)
    {
        var story = await Story.BeginAsync(App);
        Assert.Equal([path], (await App.GetAsync(story.Path + query)).IsProblem(422, "invalid_request").ErrorPaths);
    }

    [PostgresTheory]
    [InlineData("""{"name": "A", "name": "B"}""", "name")]
    [InlineData("""{"metadata": {"k": "1", "k": "2"}}""", "metadata.k")]
    [InlineData("""{"tags": [{}, {"a": 1, "a": 1}]}""", "tags[1].a")]
    public async Task Name_GivenTwice_IsNamed(string body, string path) =>
        Assert.Equal([path], (await App.PutAsync("/v1/accounts/twice", body)).IsProblem(400, "invalid_request").ErrorPaths);

    [PostgresFact]
    public async Task Health_IsToldToHeadToo()
    {
        foreach (var path in new[] { "/healthz", "/readyz" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, path);
            using var answer = await App.Http.SendAsync(request);
            Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        }
    }

    /// <summary>The answer's status is one of the operation's, and its body is as the schema of that status says.</summary>
    private static void AssertDescribed(JsonElement document, string method, string path, Answer answer)
    {
        var (template, operations) = document.GetProperty("paths").EnumerateObject().Select(one => (one.Name, one.Value))
            .First(one => Regex.IsMatch(path.Split('?')[0], "^" + Regex.Replace(one.Name, @"\{[a-z_]+\}", "[^/]+") + "$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        var operation = operations.GetProperty(method.ToLowerInvariant());
        Assert.True(operation.GetProperty("responses").TryGetProperty($"{(int)answer.Status}", out var response), $"{method} {template} does not tell of {(int)answer.Status}: {answer.Text}");
        Assert.Equal("#/components/schemas/ProblemResponse", response.GetProperty("content").GetProperty(answer.MediaType!).GetProperty("schema").GetProperty("$ref").GetString());
        var schema = document.GetProperty("components").GetProperty("schemas").GetProperty("ProblemResponse");
        Assert.Empty(Wrong(schema, answer.Json));
    }

    /// <summary>What is not as a schema says: as much of JSON Schema as this one uses.</summary>
    private static IEnumerable<string> Wrong(JsonElement schema, JsonElement value, string path = "$")
    {
        if (schema.TryGetProperty("type", out var type))
        {
            var types = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()!).ToArray() : [type.GetString()!];
            var kind = value.ValueKind switch { JsonValueKind.Object => "object", JsonValueKind.Array => "array", JsonValueKind.String => "string", JsonValueKind.Number => "integer", JsonValueKind.Null => "null", _ => "boolean" };
            if (!types.Contains(kind)) yield return $"{path} is {kind}, not {string.Join(" or ", types)}";
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var wrong in value.EnumerateArray().SelectMany((item, at) => Wrong(schema.GetProperty("items"), item, $"{path}[{at}]"))) yield return wrong;
        }

        if (value.ValueKind != JsonValueKind.Object) yield break;
        foreach (var name in schema.TryGetProperty("required", out var required) ? required.EnumerateArray().Select(one => one.GetString()!) : [])
        {
            if (!value.TryGetProperty(name, out _)) yield return $"{path}.{name} is missing";
        }

        foreach (var property in value.EnumerateObject())
        {
            if (!schema.GetProperty("properties").TryGetProperty(property.Name, out var own)) yield return $"{path}.{property.Name} is not described";
            else foreach (var wrong in Wrong(own, property.Value, $"{path}.{property.Name}")) yield return wrong;
        }
    }
}
