using Billing.Grains.Interfaces.Index;
using Billing.Mail.Storage;
using Billing.Silo.Postgres;
using Billing.Testing;
using Npgsql;
using Xunit;

namespace Billing.Mail.Tests;

/// <summary>Both stores keep mails alike.</summary>
public sealed class MailStoreTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 6, 9, 30);

    [Fact]
    public Task Memory_KeepsMails() => KeepsMailsAsync(new MemoryMailStore());

    [PostgresFact]
    public async Task Postgres_KeepsMails()
    {
        await using var database = NpgsqlDataSource.Create(await PostgresCluster.CreateDatabaseAsync("mail_store"));
        await Migrations.ApplyAsync(database);
        await KeepsMailsAsync(new PostgresMailStore(database, "billing"));
        Assert.Empty(await new PostgresMailStore(database, "another").ListAsync(null, 10, null));
    }

    [Fact]
    public async Task Memory_KeepsTheNewest()
    {
        var store = new MemoryMailStore();
        for (var i = 0; i <= MemoryMailStore.Most; i++) await store.AddAsync(Mail($"m{i}", "a"), default);

        Assert.Null(await store.FindAsync("m0", default));
        Assert.NotNull(await store.FindAsync("m1", default));
    }

    private static async Task KeepsMailsAsync(IMailStore store)
    {
        Assert.Null(await store.FindAsync("m1", default));
        var first = await store.AddAsync(Mail("m1", "a"), default);
        Assert.Equal("m1 says", first.Subject);

        // A notice has one mail: who comes second gets the first one's text.
        Assert.Equal("m1 says", (await store.AddAsync(Mail("m1", "a") with { Subject = "other" }, default)).Subject);
        await store.AddAsync(Mail("m2", "b") with { Html = null }, default);
        await store.AddAsync(Mail("m3", "a"), default);

        await store.ConcludeAsync(first with { Recipients = ["new@example.com"], AcceptedAt = Now, Sending = 2, IsCaptured = true, Code = "250" });
        var kept = (await store.FindAsync("m1", default))!;
        Assert.Equal((Now, 2, true, "250", "m1 says", "<p>m1</p>"), (kept.AcceptedAt!.Value, kept.Sending!.Value, kept.IsCaptured, kept.Code, kept.Subject, kept.Html));
        Assert.Equal(["new@example.com"], kept.Recipients);
        Assert.Null((await store.FindAsync("m2", default))!.Html);

        var page = await store.ListAsync(null, 2, null);
        Assert.Equal(["m3", "m2"], page.Select(mail => mail.Id));
        Assert.Equal(["m1"], (await store.ListAsync(null, 2, page[1].Seq)).Select(mail => mail.Id));
        Assert.Equal(["m3", "m1"], (await store.ListAsync("a", 10, null)).Select(mail => mail.Id));

        Assert.Equal(0, await store.RemoveAsync(Now, 10, default));
        Assert.Equal(2, await store.RemoveAsync(Now + Duration.FromMilliseconds(1), 2, default));
        Assert.Equal(["m3"], (await store.ListAsync(null, 10, null)).Select(mail => mail.Id));
    }

    private static KeptMail Mail(string id, string account) => new()
    {
        Id = id,
        Account = account,
        Notice = "past_due",
        MessageId = id + "@example.com",
        Language = "en",
        Recipients = ["owner@example.com", "copy@example.com"],
        Subject = id + " says",
        Text = "Hello\n",
        Html = $"<p>{id}</p>",
        WrittenAt = Now,
        CreatedAt = Now,
    };
}
