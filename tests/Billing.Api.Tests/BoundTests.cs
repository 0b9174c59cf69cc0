using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>Each bound of a field at its value and one past it; <c>docs/api.md</c> has the table.</summary>
public sealed class BoundTests(PostgresApp postgres) : IClassFixture<PostgresApp>
{
    private BillingApp App => postgres.App;

    public static TheoryData<string, string, string, string> Accounts => new()
    {
        { "name", Text(200), Text(201), "name" },
        { "emails", Array(20, i => $"\"a{i}@example.com\""), Array(21, i => $"\"a{i}@example.com\""), "emails" },
        { "emails", $"[\"{new string('a', 60)}@{new string('b', 63)}.{new string('c', 63)}.{new string('d', 61)}.com\"]", $"[\"{new string('a', 60)}@{new string('b', 63)}.{new string('c', 63)}.{new string('d', 62)}.com\"]", "emails[0]" },
        { "tags", Array(50, i => $"\"t{i}\""), Array(51, i => $"\"t{i}\""), "tags" },
        { "tags", $"[{Text(64)}]", $"[{Text(65)}]", "tags[0]" },
        { "metadata", Object(50, i => $"\"k{i}\": \"v\""), Object(51, i => $"\"k{i}\": \"v\""), "metadata" },
        { "metadata", $"{{{Text(40)}: \"v\"}}", $"{{{Text(41)}: \"v\"}}", "metadata." + new string('x', 41) },
        { "metadata", $"{{\"k\": {Text(500)}}}", $"{{\"k\": {Text(501)}}}", "metadata.k" },
        { "tax_rate", "\"0.000001\"", "\"0.0000001\"", "tax_rate" },
        { "tax_rate", "\"1\"", "\"1.01\"", "tax_rate" },
        { "locale", "\"" + string.Join("-", Enumerable.Repeat("abcdefgh", 3)) + "-abcdefg" + "\"", "\"" + string.Join("-", Enumerable.Repeat("abcdefgh", 4)) + "-a\"", "locale" },
    };

    [PostgresTheory]
    [MemberData(nameof(Accounts))]
    public async Task Account_Field_IsTakenUpToItsBound(string field, string at, string past, string path)
    {
        var story = await Story.BeginAsync(App);
        (await App.PutAsync(story.Path, $"{{\"{field}\": {at}}}")).Succeeded();
        Assert.Equal([path], (await App.PutAsync(story.Path, $"{{\"{field}\": {past}}}")).IsProblem(422, "invalid_request").ErrorPaths);
    }

    public static TheoryData<string, string, string> Invoices => new()
    {
        { $"\"lines\": {Array(100, _ => Line())}", $"\"lines\": {Array(101, _ => Line())}", "lines" },
        { $"\"lines\": [{Line(description: Text(500))}]", $"\"lines\": [{Line(description: Text(501))}]", "lines[0].description" },
        { $"\"lines\": [{Line(amount: "1000000000000")}]", $"\"lines\": [{Line(amount: "1000000000001")}]", "lines[0].amount" },
        { $"\"lines\": [{Line(amount: "0")}]", $"\"lines\": [{Line(amount: "-1")}]", "lines[0].amount" },
        { $"\"lines\": [{Line(more: ", \"quantity\": 1000000000")}]", $"\"lines\": [{Line(more: ", \"quantity\": 1000000001")}]", "lines[0].quantity" },
        { $"\"lines\": [{Line()}], \"due_at\": \"9000-01-01T00:00:00Z\"", $"\"lines\": [{Line()}], \"due_at\": \"9000-01-01T00:00:00.001Z\"", "due_at" },
        { $"\"lines\": [{Line()}], \"due_at\": \"2026-03-01T00:00:00Z\"", $"\"lines\": [{Line()}], \"due_at\": \"2026-02-28T23:59:59.999Z\"", "due_at" },
    };

    [PostgresTheory]
    [MemberData(nameof(Invoices))]
    public async Task Invoice_Field_IsTakenUpToItsBound(string at, string past, string path)
    {
        var story = await Story.BeginAsync(App);
        Assert.Contains(path, (await App.PutAsync($"{story.Path}/invoices/{story.Account}-p", $"{{{past}, \"collection\": \"manual\"}}")).IsProblem(422, "invalid_request").ErrorPaths);
        (await App.PutAsync($"{story.Path}/invoices/{story.Account}-a", $"{{{at}, \"collection\": \"manual\"}}")).Succeeded();
    }

    [PostgresFact]
    public async Task Account_HoldsMethodsUpToItsBound()
    {
        var story = await Story.BeginAsync(App);
        for (var i = 2; i <= 50; i++) (await PutAsync(i)).Succeeded();
        (await PutAsync(51)).IsProblem(409, "too_many");

        Task<Answer> PutAsync(int i) => App.PutAsync($"{story.Path}/payment_methods/m{i}", """{"gateway": "sandbox", "token": "t", "kind": "card"}""");
    }

    [PostgresFact]
    public async Task Account_HoldsOpenInvoicesUpToItsBound_AndADraftBeyondIt()
    {
        var story = await Story.BeginAsync(App);
        for (var i = 1; i <= 200; i++) await story.InvoiceAsync("I" + i);
        var path = $"{story.Path}/invoices/{story.Account}-one-more";

        (await App.PutAsync(path, """{"lines": [{"description": "d", "amount": 1}]}""")).IsProblem(409, "too_many");
        Assert.Equal("draft", (await App.GetAsync($"/v1/invoices/{story.Account}-one-more")).Succeeded()["status"].GetString());
        (await App.PostAsync($"/v1/invoices/{story.Account}-I1/void")).Succeeded();
        Assert.Equal("open", (await App.PutAsync(path, """{"lines": [{"description": "d", "amount": 1}], "collection": "manual"}""")).Succeeded()["status"].GetString());
    }

    [PostgresFact]
    public async Task Account_RemembersKeyedCallsUpToItsBound()
    {
        var story = await Story.BeginAsync(App);
        var path = $"{story.Path}/payment_methods/card/default";
        for (var i = 1; i <= 1000; i++) (await App.PostAsync(path, "{}", $"k{i}")).Succeeded();

        var limited = (await App.PostAsync(path, "{}", "one-more")).IsProblem(429, "rate_limited");
        Assert.True(limited.Headers.ContainsKey("Retry-After"));
        Assert.Equal("true", (await App.PostAsync(path, "{}", "k1")).Succeeded().Headers["Idempotent-Replayed"]);
    }

    [PostgresFact]
    public async Task PolicyDocument_IsTakenUpToItsBound()
    {
        const string Document = """{"description": "padded"}""";
        (await App.PutAsync("/v1/policies/padded", Document.PadRight(64 * 1024))).Succeeded();
        (await App.PutAsync("/v1/policies/padded", Document.PadRight(64 * 1024 + 1))).IsProblem(413, "too_large");
    }

    [PostgresFact]
    public async Task SandboxScript_IsTakenUpToItsBound()
    {
        (await App.PutAsync("/v1/sandbox/methods/tok_long", $"{{\"script\": {Array(1000, _ => "\"ok\"")}}}")).Succeeded();
        (await App.PutAsync("/v1/sandbox/methods/tok_long", $"{{\"script\": {Array(1001, _ => "\"ok\"")}}}")).IsProblem(422, "invalid_request");
    }

    [PostgresFact]
    public async Task Token_IsTakenUpToItsBound()
    {
        var story = await Story.BeginAsync(App);
        (await App.PutAsync($"{story.Path}/payment_methods/m", $$"""{"gateway": "sandbox", "token": {{Text(255)}}, "kind": "card"}""")).Succeeded();
        Assert.Equal(["token"], (await App.PutAsync($"{story.Path}/payment_methods/n", $$"""{"gateway": "sandbox", "token": {{Text(256)}}, "kind": "card"}""")).IsProblem(422, "invalid_request").ErrorPaths);
    }

    [PostgresFact]
    public async Task Wait_AndPage_AreTakenUpToTheirBounds()
    {
        var story = await Story.BeginAsync(App);
        (await App.PostAsync($"{story.Path}/pay", """{"wait_seconds": 20}""")).IsProblem(409, "nothing_due");
        Assert.Equal(["wait_seconds"], (await App.PostAsync($"{story.Path}/pay", """{"wait_seconds": 21}""")).IsProblem(422, "invalid_request").ErrorPaths);
        Assert.Equal(["wait_seconds"], (await App.PostAsync($"{story.Path}/pay", """{"wait_seconds": -1}""")).IsProblem(422, "invalid_request").ErrorPaths);
        (await App.GetAsync("/v1/accounts?limit=200")).Succeeded();
        (await App.GetAsync("/v1/accounts?limit=1")).Succeeded();
    }

    private static string Text(int length) => $"\"{new string('x', length)}\"";

    private static string Line(string description = "\"d\"", string amount = "1", string more = "") => $"{{\"description\": {description}, \"amount\": {amount}{more}}}";

    private static string Array(int count, Func<int, string> item) => $"[{string.Join(",", Enumerable.Range(0, count).Select(item))}]";

    private static string Object(int count, Func<int, string> item) => $"{{{string.Join(",", Enumerable.Range(0, count).Select(item))}}}";
}
