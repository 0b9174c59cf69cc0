using System.Text.Json;
using System.Text.RegularExpressions;
using Billing.Silo;
using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>Mail from a fact to a mailbox: kept for test accounts, and given to a real relay for live ones.</summary>
public sealed partial class MailTests(PostgresApp fixture) : IClassFixture<PostgresApp>
{
    private const string Policy = """
        {"collection": {"notices": {"issued": "invoice", "paid": "receipt", "attempt_failed": "attempt_failed", "recovered": "recovered"}},
         "standings": [
          {"name": "past_due", "when": {"unpaid_for": "1d"}, "deny": ["purchase"], "message": "Pay first.", "on_enter": ["notice:past_due"]},
          {"name": "gone", "when": {"in_standing": {"past_due": "4d"}}, "deny": ["purchase"], "message": "Gone.", "on_enter": ["delete_resources"],
           "requires_notice": [{"notice": "deletion_warning", "at": "-2d", "at_least": "24h"}]}]}
        """;

    /// <summary>Without it one process makes its own, and a cluster sends no links.</summary>
    private const string LinkSecret = "--Billing:Mail:LinkSecret=a-link-secret-for-tests-0123456789";

    private static int _accounts;

    private BillingApp App => fixture.App;

    [PostgresFact]
    public async Task Mail_OfATestAccount_IsKeptInOrder()
    {
        var story = await BeginAsync();
        var invoice = await story.InvoiceAsync(amount: 29_00);
        await story.AdvanceAsync("2026-03-04T00:00:00Z");
        (await App.PostAsync($"/v1/invoices/{invoice}/pay", """{"one_off": {"gateway": "sandbox", "token": "any", "kind": "card"}}""")).Succeeded();
        await story.QuietAsync();

        var mails = await MailsAsync(story.Account);
        Assert.Equal(["recovered", "receipt", "deletion_warning", "past_due", "invoice"], mails.Select(mail => mail.GetProperty("notice").GetString()!));
        var pastDue = mails.Single(mail => mail.GetProperty("notice").GetString() == "past_due");
        Assert.Equal(["owner@example.com"], pastDue.GetProperty("to").EnumerateArray().Select(to => to.GetString()!));
        Assert.Equal("Your account with localhost is past due: $29.00", pastDue.GetProperty("subject").GetString());
        Assert.Contains("INV-000001", pastDue.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains("deleted on 6 March 2026", pastDue.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains("<html", pastDue.GetProperty("html").GetString(), StringComparison.Ordinal);
        Assert.StartsWith(story.Account + "~notice~", pastDue.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.True(pastDue.GetProperty("captured").GetBoolean());
        Assert.NotEqual(JsonValueKind.Null, pastDue.GetProperty("accepted_at").ValueKind);

        var first = (await App.GetAsync($"/v1/mail?account={story.Account}&limit=3")).Succeeded();
        var rest = (await App.GetAsync($"/v1/mail?account={story.Account}&limit=3&after={first["next"].GetString()}")).Succeeded();
        Assert.Equal(mails.Select(Id), first["data"].EnumerateArray().Concat(rest["data"].EnumerateArray()).Select(Id));
        Assert.Equal(JsonValueKind.Null, rest["next"].ValueKind);
    }

    [PostgresFact]
    public async Task Mail_BadQueries_AreRefused()
    {
        foreach (var query in new[] { "limit=0", "limit=201", "after=x", "after=-1", "notice=x" }) (await App.GetAsync("/v1/mail?" + query)).IsProblem(422, "invalid_request");
        (await App.SendAsync("GET", "/v1/mail", authorization: null)).IsProblem(401, "unauthenticated");
    }

    [PostgresFact]
    public async Task Bounced_TheDeletionWaits_AndGoesOnWhenAttested()
    {
        var story = await BeginAsync();
        await story.InvoiceAsync();
        await story.AdvanceAsync("2026-03-04T00:00:00Z");
        var warning = Id((await MailsAsync(story.Account)).Single(mail => mail.GetProperty("notice").GetString() == "deletion_warning"));
        (await App.PostAsync($"/v1/notices/{warning}/bounced")).Succeeded();

        await story.AdvanceAsync("2026-03-12T00:00:00Z");
        Assert.Equal("past_due", (await App.GetAsync(story.Path))["standing"].GetString());
        var attention = (await App.GetAsync("/v1/attention?limit=200")).Succeeded()["data"].EnumerateArray().Where(entry => entry.GetProperty("account").GetString() == story.Account);
        Assert.Equal(["notice_bounced"], attention.Select(entry => entry.GetProperty("kind").GetString()!));

        (await App.PostAsync($"/v1/notices/{warning}/attest", """{"evidence": "a registered letter"}""")).Succeeded();
        await story.AdvanceAsync("2026-03-13T00:00:00Z");
        Assert.Equal("gone", (await App.GetAsync(story.Path))["standing"].GetString());
        (await App.PostAsync($"/v1/notices/{story.Account}~notice~99/bounced")).IsProblem(404, "not_found");
    }

    [PostgresFact]
    public async Task Bounced_AnotherOwner_GetsTheSameMail()
    {
        var story = await BeginAsync();
        await story.InvoiceAsync();
        await story.AdvanceAsync("2026-03-04T00:00:00Z");
        var before = (await MailsAsync(story.Account)).Single(mail => mail.GetProperty("notice").GetString() == "deletion_warning");
        (await App.PostAsync($"/v1/notices/{Id(before)}/bounced")).Succeeded();
        (await App.PutAsync(story.Path, """{"emails": ["new@example.com"]}""")).Succeeded();
        await story.QuietAsync();

        var after = (await MailsAsync(story.Account)).Single(mail => Id(mail) == Id(before));
        Assert.Equal("new@example.com", after.GetProperty("to")[0].GetString());
        Assert.Equal(before.GetProperty("text").GetString(), after.GetProperty("text").GetString());
    }

    [PostgresFact]
    public async Task Live_ThroughARelayThatFailsFirst_ArrivesOnceAndIsProof()
    {
        await using var relay = new SmtpServer { Offers = [] };
        var tries = 0;
        relay.OnMail = () => Task.FromResult(Interlocked.Increment(ref tries) > 2);
        await using var app = await BillingApp.OnAsync("api_mail_relay", [.. With(relay), "--Billing:Mail:From=Example Ltd <billing@example.com>"]);
        var account = await LiveAsync(app, "Acme, Bcc: <evil@example.com>");

        await EventAsync(app, account, "notice.delivered");
        var taken = relay.Taken.ToArray();
        Assert.Equal(3, taken.Length);
        Assert.Single(taken.Select(mail => mail.Content).Distinct());
        Assert.All(taken, mail => Assert.Equal(["owner@example.com", "copy@example.com"], mail.To));
        Assert.Null(taken[0].Header("Bcc"));
        Assert.Equal("\"Acme, Bcc: <evil@example.com>\" <owner@example.com>", taken[0].Header("To"));
        var kept = Assert.Single(await MailsAsync(account, app));
        Assert.Equal((false, "250 2.0.0"), (kept.GetProperty("captured").GetBoolean(), kept.GetProperty("code").GetString()));
        Assert.Equal($"<{kept.GetProperty("message_id").GetString()}>", taken[0].Header("Message-ID"));
    }

    [PostgresFact]
    public async Task Live_OwnerRefused_IsBouncedAndOnTheListOfWhatNeedsAHuman()
    {
        await using var relay = new SmtpServer { Offers = [], Says = line => line.StartsWith("RCPT TO:<owner", StringComparison.Ordinal) ? "550 5.1.1 No such user" : null };
        await using var app = await BillingApp.OnAsync("api_mail_refused", With(relay));
        var account = await LiveAsync(app, "Acme");

        Assert.Equal("550 5.1.1", (await EventAsync(app, account, "notice.bounced")).GetProperty("code").GetString());
        var entry = Assert.Single((await app.GetAsync("/v1/attention")).Succeeded()["data"].EnumerateArray());
        Assert.Equal("notice_bounced", entry.GetProperty("kind").GetString());
        Assert.Equal(JsonValueKind.Null, Assert.Single(await MailsAsync(account, app)).GetProperty("accepted_at").ValueKind);
    }

    [Fact]
    public async Task Memory_KeepsMailToo()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        var account = await LiveAsync(app, "Acme");
        await EventAsync(app, account, "notice.delivered");

        Assert.True(Assert.Single(await MailsAsync(account, app)).GetProperty("captured").GetBoolean());
    }

    [PostgresFact]
    public async Task PayLink_OfEachMailAboutWhatIsDue_LeadsToItsPage_AndIsInNothingElse()
    {
        await using var app = await BillingApp.OnAsync("api_mail_pages", ["--Billing:PublicUrl=https://billing.example.com/", .. EngineHosting.IsOneProcess ? Array.Empty<string>() : [LinkSecret]]);
        (await app.PutAsync("/v1/policies/mail", Policy.Replace("{\"collection\"", "{\"id\": \"mail\", \"collection\"", StringComparison.Ordinal))).Succeeded();
        var story = await Story.BeginAsync(app);
        (await app.PutAsync(story.Path, """{"policy": "mail"}""")).Succeeded();
        var invoice = await story.InvoiceAsync(amount: 29_00);
        await story.AdvanceAsync("2026-03-04T00:00:00Z");

        var mails = await MailsAsync(story.Account, app);
        Assert.Equal(["deletion_warning", "past_due", "invoice"], mails.Select(mail => mail.GetProperty("notice").GetString()!));
        var tokens = mails.Select(mail => TokenIn(mail.GetProperty("text").GetString()!)).ToArray();
        Assert.Equal(3, tokens.Distinct(StringComparer.Ordinal).Count());
        Assert.All(mails, mail => Assert.Contains(TokenIn(mail.GetProperty("text").GetString()!), mail.GetProperty("html").GetString()!, StringComparison.Ordinal));
        foreach (var token in tokens) Assert.Equal(2900, (await app.SendAsync("GET", "/v1/pay/" + token, authorization: null)).Succeeded()["amount_to_pay"].GetInt64());

        var events = (await app.GetAsync($"/v1/events?account={story.Account}&limit=200")).Succeeded();
        Assert.Equal(mails.Reverse().Select(Id), events["data"].EnumerateArray().Where(row => row.GetProperty("type").GetString() == "pay_link.made").Select(row => row.GetProperty("data").GetProperty("notice").GetString()!));
        foreach (var path in new[] { story.Path, story.Path + "/pay_links", story.Path + "/gate?operation=login", story.Path + "/timeline", $"/v1/invoices/{invoice}" })
        {
            var shown = (await app.GetAsync(path)).Succeeded().Text + events.Text;
            Assert.All(tokens, token => Assert.DoesNotContain(token, shown, StringComparison.Ordinal));
        }

        // A receipt asks for nothing, and the old mails lead nowhere any more.
        (await app.PostAsync($"/v1/invoices/{invoice}/pay", """{"one_off": {"gateway": "sandbox", "token": "any", "kind": "card"}}""")).Succeeded();
        await story.QuietAsync();
        Assert.All((await MailsAsync(story.Account, app)).Take(2), mail => Assert.DoesNotContain("/v1/pay/", mail.GetProperty("text").GetString(), StringComparison.Ordinal));
        foreach (var token in tokens) (await app.SendAsync("GET", "/v1/pay/" + token, authorization: null)).IsProblem(404, "not_found");
    }

    [PostgresFact]
    public async Task PayLink_ThroughARelayThatFailsFirst_IsTheSameInEachTry_AndNotInTheDatabase()
    {
        await using var relay = new SmtpServer { Offers = [] };
        var tries = 0;
        relay.OnMail = () => Task.FromResult(Interlocked.Increment(ref tries) > 2);
        await using var app = await BillingApp.OnAsync("api_mail_links", [.. With(relay), "--Billing:PublicUrl=https://billing.example.com", LinkSecret]);
        var account = await LiveAsync(app, "Acme");
        await EventAsync(app, account, "notice.delivered");

        Assert.Equal(3, relay.Taken.Count);
        var token = Assert.Single(relay.Taken.Select(mail => TokenIn(mail.Content.Replace("=\r\n", "", StringComparison.Ordinal))).Distinct(StringComparer.Ordinal));
        Assert.Equal(2000, (await app.SendAsync("GET", "/v1/pay/" + token, authorization: null)).Succeeded()["amount_to_pay"].GetInt64());
        Assert.Single((await app.GetAsync($"/v1/accounts/{account}/pay_links")).Succeeded()["data"].EnumerateArray());
        Assert.Contains("https://billing.example.com/v1/pay/~token~", Assert.Single(await MailsAsync(account, app)).GetProperty("text").GetString(), StringComparison.Ordinal);
        await using var database = Npgsql.NpgsqlDataSource.Create(await PostgresCluster.CreateDatabaseAsync("api_mail_links"));
        await using var command = database.CreateCommand("SELECT count(*) FROM (SELECT m::text AS row FROM mail m UNION ALL SELECT e::text FROM events e UNION ALL SELECT convert_from(payload, 'UTF8') FROM grain_state UNION ALL SELECT i::text FROM grain_index i) all_rows WHERE position($1 IN row) > 0");
        command.Parameters.Add(new Npgsql.NpgsqlParameter<string> { TypedValue = Billing.Domain.PayLink.HashOf(token) });
        Assert.NotEqual(0L, await command.ExecuteScalarAsync());
        ((Npgsql.NpgsqlParameter<string>)command.Parameters[0]).TypedValue = token;
        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("Production", "Billing:Mail:Host is not set")]
    [InlineData("Staging", "Billing:Mail:Host is not set")]
    [InlineData("Development", "Billing:Mail cannot be read", "--Billing:Mail:Host=relay", "--Billing:Mail:From=a@example.com", "--Billing:Mail:Tls=sometimes")]
    [InlineData("Development", "Billing:Mail:From", "--Billing:Mail:Host=relay")]
    [InlineData("Development", "Billing:Mail:Templates", "--Billing:Mail:Templates=/nowhere/at/all")]
    public async Task Start_WithSettingsThatCannotBe_IsRefusedInOneSentence(string environment, string said, params string[] more)
    {
        string[] args = ["--urls=http://127.0.0.1:0", $"--environment={environment}", "--ConnectionStrings:Billing=Host=127.0.0.1;Port=1", .. more];
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => BillingService.CreateAsync(args));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    private static string[] With(SmtpServer relay) =>
        ["--Billing:Mail:Host=127.0.0.1", $"--Billing:Mail:Port={relay.Port}", "--Billing:Mail:Tls=None", "--Billing:Mail:From=billing@example.com", "--Billing:Delivery:FirstNoticeRetry=00:00:00.01"];

    /// <summary>The token of the one pay link that a text names.</summary>
    private static string TokenIn(string text) => Assert.Single(LinkPattern().Matches(text).Select(match => match.Groups["token"].Value).Distinct(StringComparer.Ordinal));

    [GeneratedRegex("https://billing.example.com/v1/pay/(?<token>[A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LinkPattern();

    private async Task<Story> BeginAsync()
    {
        (await App.PutAsync("/v1/policies/mail", Policy.Replace("{\"collection\"", "{\"id\": \"mail\", \"collection\"", StringComparison.Ordinal))).Succeeded();
        var story = await Story.BeginAsync(App);
        (await App.PutAsync(story.Path, """{"policy": "mail"}""")).Succeeded();
        return story;
    }

    /// <summary>A live account with one invoice, whose mail is sent.</summary>
    private static async Task<string> LiveAsync(BillingApp app, string name)
    {
        var account = $"live-{Interlocked.Increment(ref _accounts)}";
        (await app.PutAsync("/v1/policies/mail", """{"id": "mail", "collection": {"notices": {"issued": "invoice"}}, "standings": []}""")).Succeeded();
        (await app.PutAsync($"/v1/accounts/{account}", $$"""{"name": "{{name}}", "emails": ["owner@example.com", "copy@example.com"], "currency": "USD", "policy": "mail"}""")).Succeeded();
        (await app.PutAsync($"/v1/accounts/{account}/invoices/{account}-1", $$"""{"lines": [{"description": "{{name}}", "amount": 2000}], "collection": "manual"}""")).Succeeded();
        return account;
    }

    /// <summary>The data of the account's first event of a type, as soon as there is one.</summary>
    private static async Task<JsonElement> EventAsync(BillingApp app, string account, string type)
    {
        var found = await Eventually.GetAsync($"{type} of {account}", async () =>
            (await app.GetAsync($"/v1/events?account={account}&limit=200"))["data"].EnumerateArray().Where(row => row.GetProperty("type").GetString() == type).ToArray() is { Length: > 0 } rows ? rows : null);
        return found[0].GetProperty("data");
    }

    private Task<JsonElement[]> MailsAsync(string account) => MailsAsync(account, App);

    private static async Task<JsonElement[]> MailsAsync(string account, BillingApp app) => [.. (await app.GetAsync($"/v1/mail?account={account}&limit=200")).Succeeded()["data"].EnumerateArray()];

    private static string Id(JsonElement item) => item.GetProperty("id").GetString()!;
}
