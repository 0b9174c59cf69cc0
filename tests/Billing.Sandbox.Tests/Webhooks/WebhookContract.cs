using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Billing.Testing;

namespace Billing.Sandbox.Tests;

/// <summary>What is told is told until it is heard, in order for each charge, crash or not.</summary>
public abstract class WebhookContract : SandboxContract
{
    [ContractFact]
    public async Task Send_Success_IsSignedAndSaysEverything()
    {
        await ChargeAsync(Request("k1"));

        Assert.Equal(1, await NewSender().SendDueAsync(CancellationToken.None));

        var delivery = Assert.Single(Receiver.Deliveries);
        var expected = $$$"""
            {"id":"{{{delivery.Id}}}","type":"charge.succeeded","created_at":"2026-03-01T00:00:00Z","data":{"charge":"{{{ChargeRules.IdOf("k1")}}}",
             "key":"k1","payment":"pay-k1","account":"A1","amount":2000,"currency":"USD","status":"succeeded","code":null,"at":"2026-03-01T12:00:00Z"}}
            """;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(delivery.Body)), Encoding.UTF8.GetString(delivery.Body));
        Assert.Equal(
            SandboxSignatureCheck.Valid,
            SandboxSignature.Verify(delivery.Id, delivery.Timestamp, delivery.Signature, delivery.Body, [Secret], Time));
    }

    [ContractFact]
    public async Task Send_WhatTheCallerKnows_IsNotTold()
    {
        foreach (var outcome in new[] { "decline:a", "processing", "authentication_required", "timeout", "timeout_captured", "error", "processing_ok:1h" })
        {
            await PlayAsync("k-" + outcome, outcome);
        }

        await ChargeAsync(Request("again"));
        await ChargeAsync(Request("again"));

        Assert.Equal(1, await NewSender().SendDueAsync(CancellationToken.None));
    }

    [ContractFact]
    public async Task Send_NotAcknowledged_IsSentAgainWithBackoffAndHoldsUpItsOwnChargeAlone()
    {
        var slow = (await PlayAsync("k1", "ok")).Reference!;
        await Service.DisputeAsync(slow, "opened", Start);
        await PlayAsync("k2", "ok");
        Receiver.Answer = delivery => Task.FromResult(delivery.Event.Data.Charge == slow ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
        using var sender = NewSender();

        Assert.Equal(1, await sender.SendDueAsync(CancellationToken.None));
        Assert.Equal(2, Receiver.Deliveries.Count);

        Time.Advance(TimeSpan.FromMilliseconds(99));
        await sender.SendDueAsync(CancellationToken.None);
        Assert.Equal(2, Receiver.Deliveries.Count);

        Time.Advance(TimeSpan.FromMilliseconds(1));
        await sender.SendDueAsync(CancellationToken.None);
        Assert.Equal(3, Receiver.Deliveries.Count);
        Assert.False(await IsQuietAsync());

        Receiver.Answer = _ => Task.FromResult(HttpStatusCode.NoContent);
        Time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(2, await sender.SendDueAsync(CancellationToken.None));
        Assert.True(await IsQuietAsync());

        var told = Receiver.Deliveries.Where(delivery => delivery.Event.Data.Charge == slow).ToArray();
        Assert.Equal(["charge.succeeded", "charge.succeeded", "charge.succeeded", "charge.disputed"], told.Select(delivery => delivery.Event.Type));
        Assert.Single(told.Take(3).Select(delivery => delivery.Id).Distinct());
        Assert.Single(told.Take(3).Select(delivery => Convert.ToHexString(delivery.Body)).Distinct());
    }

    [ContractFact]
    public async Task Send_AnswerThatIsNo2xxOrNone_IsNoAcknowledgement()
    {
        await PlayAsync("k1", "ok");
        using var sender = NewSender();
        Func<Delivery, Task<HttpStatusCode>>[] answers =
        [
            _ => Task.FromResult(HttpStatusCode.Found), _ => Task.FromResult(HttpStatusCode.BadRequest), _ => throw new HttpRequestException("lost"),
        ];

        foreach (var answer in answers)
        {
            Receiver.Answer = answer;
            Assert.Equal(0, await sender.SendDueAsync(CancellationToken.None));
            Time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.False(await IsQuietAsync());
    }

    [ContractFact]
    public async Task Send_ReceiverThatNeverAnswers_IsGivenUpAndTriedAgain()
    {
        await PlayAsync("k1", "ok");
        Receiver.Answer = _ => new TaskCompletionSource<HttpStatusCode>().Task;
        using var sender = NewSender();

        var sending = sender.SendDueAsync(CancellationToken.None);
        await Receiver.NextAsync();
        Time.Advance(SandboxWebhookSender.Timeout);
        Assert.Equal(0, await sending);

        Receiver.Answer = _ => Task.FromResult(HttpStatusCode.OK);
        Time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(1, await sender.SendDueAsync(CancellationToken.None));
    }

    [ContractFact]
    public async Task Send_WhileTheDoorIsUnknown_Waits()
    {
        await PlayAsync("k1", "ok");
        WebhookUrl = null;
        Assert.Equal(0, await NewSender().SendDueAsync(CancellationToken.None));
        Assert.False(await IsQuietAsync());

        WebhookUrl = new Uri("http://sandbox.test/later");
        Assert.Equal(1, await NewSender().SendDueAsync(CancellationToken.None));
    }

    [ContractFact]
    public async Task Restart_SendsAgainWhatWasNotAcknowledged()
    {
        var id = (await PlayAsync("k1", "ok")).Reference!;
        await Service.DisputeAsync(id, "opened", Start);
        Receiver.Answer = _ => new TaskCompletionSource<HttpStatusCode>().Task;
        using var crash = new CancellationTokenSource();
        var sending = NewSender().SendDueAsync(crash.Token);
        var before = await Receiver.NextAsync();
        await crash.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);

        await OpenAsync();
        Receiver.Answer = _ => Task.FromResult(HttpStatusCode.OK);
        Assert.Equal(0, await NewSender().SendDueAsync(CancellationToken.None));
        Time.Advance(SandboxWebhookSender.Lease.ToTimeSpan());

        Assert.Equal(2, await NewSender().SendDueAsync(CancellationToken.None));
        Assert.Equal(before.Id, Receiver.Deliveries[1].Id);
        Assert.Equal(["charge.succeeded", "charge.succeeded", "charge.disputed"], Receiver.Types);
    }

    [ContractFact]
    public async Task Sender_HearsOfAChargeAtOnce_AndHasAtMost32InFlight()
    {
        const int Charges = 80;
        var open = new TaskCompletionSource<HttpStatusCode>();
        Receiver.Answer = _ => open.Task;
        using var sender = NewSender();
        await sender.StartAsync(CancellationToken.None);

        // No time passes: the charge itself wakes the sender.
        for (var i = 0; i < Charges; i++) await ChargeAsync(Request($"k{i}"));
        for (var i = 0; i < SandboxWebhookSender.MaxInFlight; i++) await Receiver.NextAsync();
        open.SetResult(HttpStatusCode.OK);
        for (var i = SandboxWebhookSender.MaxInFlight; i < Charges; i++) await Receiver.NextAsync();

        await sender.StopAsync(CancellationToken.None);
        Assert.Equal(SandboxWebhookSender.MaxInFlight, Receiver.MostInFlight);
        Assert.Equal(Charges, Receiver.Deliveries.Select(delivery => delivery.Id).Distinct().Count());
    }

    [ContractFact]
    public async Task Sender_LooksAgainByItself()
    {
        using var sender = NewSender();
        WebhookUrl = null;
        await sender.StartAsync(CancellationToken.None);
        await Time.TimerCreatedAsync();
        await PlayAsync("k1", "ok");
        await Time.TimerCreatedAsync();
        WebhookUrl = new Uri("http://sandbox.test/later");

        Time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal("k1", (await Receiver.NextAsync()).Event.Data.Key);
        await sender.StopAsync(CancellationToken.None);
    }

    [ContractFact]
    public async Task Senders_OfSeveralProcesses_KeepTheOrderOfACharge()
    {
        var ids = new List<string>();
        for (var i = 0; i < 20; i++) ids.Add((await PlayAsync($"k{i}", "ok")).Reference!);
        foreach (var id in ids) await Service.DisputeAsync(id, "opened", Start);
        foreach (var id in ids) await Service.DisputeAsync(id, "won", Start);

        var sent = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => NewSender().SendDueAsync(CancellationToken.None))));

        Assert.Equal(60, sent.Sum());
        Assert.All(Receiver.Deliveries.GroupBy(delivery => delivery.Event.Data.Charge), told => Assert.Equal(
            ["charge.succeeded", "charge.disputed", "charge.dispute_won"], told.Select(delivery => delivery.Event.Type)));
    }
}

public sealed class MemoryWebhooks : WebhookContract;

public sealed class PostgresWebhooks : WebhookContract, INeedsPostgres;
