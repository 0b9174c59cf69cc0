using System.Collections.Immutable;
using System.Text.Json;
using Billing.Domain;
using Billing.Grains.Hosting;
using Billing.Grains.Tests.Wire;
using Billing.Silo;
using Xunit.Abstractions;

namespace Billing.Grains.Tests.Sizes;

/// <summary>A row stays small: at all its bounds at once what a grain stores is less than 256 KiB, whatever else is in the account.</summary>
/// <remarks>
/// Ids are UUIDs, a description has sixty characters. Lists that no bound ends, because what comes back is never refused, are
/// as long as an account of that kind could have them.
/// </remarks>
public sealed class StateSizeTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, int> s_account = new(StringComparer.Ordinal)
    {
        ["AccountProfile.Emails"] = AccountLimits.Emails,
        ["AccountProfile.Tags"] = AccountLimits.Tags,
        ["AccountProfile.Metadata"] = AccountLimits.Metadata,
        ["AccountState.Methods"] = AccountLimits.PaymentMethods,
        ["AccountState.RemovedMethods"] = AccountLimits.RemovedMethods,
        ["AccountState.Invoices"] = AccountLimits.OpenInvoices,
        // Each has an invoice reserved, and may go on to every method.
        ["AccountState.Payments"] = AccountLimits.OpenInvoices,
        ["MethodCandidates"] = AccountLimits.PaymentMethods,
        ["AccountState.Prepayment"] = 100,
        ["AccountState.Promo"] = AccountLimits.PromoLots,
        ["AccountState.Subscriptions"] = 2 * SubscriptionLimits.Subscriptions,
        ["AccountState.Charges"] = SubscriptionLimits.PendingCharges,
        ["AccountState.Resources"] = AccountLimits.Resources,
        ["Resource.DependsOn"] = AccountLimits.Dependencies,
        ["AccountState.Holds"] = 4,
        ["AccountState.Gateways"] = 10,
        ["AccountState.ReceivedFrom"] = 10,
        ["AccountState.Disputes"] = 20,
        ["AccountState.Notices"] = 20,
        ["AccountState.Attention"] = AccountLimits.Attention,
        ["AccountState.NewMethodQueue"] = AccountLimits.OpenInvoices,
        ["AccountState.NewMethodCharges"] = AccountLimits.NewMethodCharges,
        ["AccountState.Told"] = AccountLimits.ToldPayments,
        ["AccountState.Idempotency"] = AccountLimits.IdempotencyRecords,
        // As many of operators as of mails.
        ["AccountState.PayLinks"] = 2 * AccountLimits.PayLinks,
        ["AccountState.Declines"] = AccountLimits.DeclinesADay,
        ["BalanceInvoice.Invoices"] = AccountLimits.OpenInvoices,
    };

    private static readonly Dictionary<string, int> s_invoice = new(StringComparer.Ordinal)
    {
        ["InvoiceContent.Lines"] = AccountLimits.InvoiceLines,
        ["InvoiceContent.Subscriptions"] = SubscriptionLimits.Subscriptions,
        ["InvoiceState.RetryAfter"] = PolicyBounds.Retries,
        ["InvoiceState.Ladder"] = 1 + PolicyBounds.Retries,
        ["InvoiceState.Attempts"] = (1 + PolicyBounds.Retries) * AccountLimits.PaymentMethods,
        ["InvoiceState.CreditNotes"] = 50,
        ["InvoiceState.Payments"] = 100,
        ["InvoiceState.Settles"] = AccountLimits.OpenInvoices,
    };

    private static readonly Dictionary<string, int> s_payment = new(StringComparer.Ordinal)
    {
        ["MethodCandidates"] = AccountLimits.PaymentMethods,
        ["StartPayment.Invoices"] = AccountLimits.OpenInvoices,
        // Each method once, and a week of tries after errors.
        ["PaymentState.Attempts"] = AccountLimits.PaymentMethods + 50,
        ["PaymentState.Allocations"] = AccountLimits.OpenInvoices,
        ["PaymentState.Closed"] = AccountLimits.OpenInvoices,
        ["PaymentState.Refunds"] = 50,
        ["PaymentState.Calls"] = Once.MostCalls,
    };

    [Fact]
    public void Account_AtEveryBoundAtOnce_IsStoredInLessThan256KiB()
    {
        var bounds = new AtBounds(Texts.Ordinary, s_account);
        var account = bounds.Of<AccountState>();
        var stored = new Stored<AccountState>
        {
            Kind = "account",
            State = account,
            Outbox = [.. account.Invoices.Select(invoice => Sent(GrainKeys.Invoice(invoice.Id), bounds.Of<PositionChanged>()))],
            Inbox = bounds.Neighbours.ToImmutableSortedDictionary(key => key, _ => 7L, StringComparer.Ordinal),
        };

        Assert.Empty(bounds.Unused);
        Assert.Empty(Sample.Properties(typeof(AccountState)).Where(property => Sample.IsArray(property.PropertyType)).Select(property => $"AccountState.{property.Name}").Except(s_account.Keys, StringComparer.Ordinal));
        AssertSmall(stored);
    }

    [Fact]
    public void Invoice_AtEveryBoundAtOnce_IsStoredInLessThan256KiB()
    {
        var bounds = new AtBounds(Texts.Longest with { Id = Texts.Ordinary.Id }, s_invoice);
        AssertSmall(new Stored<InvoiceState> { Kind = "invoice", State = bounds.Of<InvoiceState>() });
        Assert.Empty(bounds.Unused);
    }

    [Fact]
    public void Payment_OfEveryInvoiceWithEveryMethod_IsStoredInLessThan256KiB()
    {
        var bounds = new AtBounds(Texts.Ordinary, s_payment);
        AssertSmall(new Stored<PaymentState> { Kind = "payment", State = bounds.Of<PaymentState>() });
        Assert.Empty(bounds.Unused);
    }

    [Fact]
    public void Ordinary_IsPlainJson()
    {
        var stored = new Stored<AccountState> { Kind = "account", State = new AtBounds(Texts.Ordinary, new Dictionary<string, int>(StringComparer.Ordinal)).Of<AccountState>() };

        Assert.True(JsonElement.DeepEquals(JsonSerializer.SerializeToElement(stored, StoredJson.Default.StoredAccountState), JsonElement.Parse(Bytes(stored))));
    }

    [Fact]
    public void Large_WhatTheTriggerReadsIsPlain_UpToTheSeam()
    {
        var stored = Large();
        var bytes = Bytes(stored);
        using var head = JsonDocument.Parse(bytes.AsMemory(0, bytes.AsSpan().IndexOf((byte)0)));

        Assert.Equal(["packed", "kind", "at", "due", "clock", "summary", "events", "sent"], head.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal("2026-03-06T00:00:00Z", head.RootElement.GetProperty("due").GetString());
    }

    /// <summary>Whatever was stored before anything was packed.</summary>
    [Fact]
    public void Large_StoredPlainBefore_IsRead()
    {
        var stored = Large();
        var plain = JsonSerializer.SerializeToUtf8Bytes(stored, StoredJson.Default.StoredAccountState);

        Assert.True(plain.Length >= StoredPayload.PackedFrom);
        Assert.Empty(Sample.Differences(stored.State, StoredPayload.Read<Stored<AccountState>>(plain)!.State));
    }

    [Fact]
    public void Packed_CutShort_IsNotTakenForOneThatWasNeverWritten()
    {
        var bytes = Bytes(Large());
        Assert.ThrowsAny<JsonException>(() => StoredPayload.Read<Stored<AccountState>>(bytes.AsSpan(0, bytes.AsSpan().IndexOf((byte)0))));
        // As whoever does not know the form would read it.
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize(bytes, StoredJson.Default.StoredAccountState));
    }

    private static Stored<AccountState> Large() => new()
    {
        Kind = "account",
        Due = NodaTime.Instant.FromUtc(2026, 3, 6, 0, 0),
        Clock = "clock",
        Summary = [],
        State = new AtBounds(Texts.Ordinary, new Dictionary<string, int>(StringComparer.Ordinal) { ["AccountState.Charges"] = SubscriptionLimits.PendingCharges }).Of<AccountState>(),
    };

    private static OutboxEntry Sent(string to, Message message) => new(7, to, message, NodaTime.Instant.FromUtc(2026, 3, 6, 0, 0), NodaTime.Instant.FromUtc(2026, 3, 6, 0, 0));

    private static byte[] Bytes<T>(T stored) => new GrainSerializer().Serialize(stored).ToArray();

    private void AssertSmall<TState>(Stored<TState> stored) where TState : class, new()
    {
        var bytes = Bytes(stored);
        output.WriteLine($"{stored.Kind}: {bytes.Length} bytes, {JsonSerializer.SerializeToUtf8Bytes(stored, typeof(Stored<TState>), StoredJson.Default).Length} plain");
        Assert.True(bytes.Length < StoredPayload.Largest, $"{stored.Kind}: {bytes.Length} bytes");
        var read = new GrainSerializer().Deserialize<Stored<TState>>(BinaryData.FromBytes(bytes))!;
        Assert.Empty(Sample.Differences(stored.State, read.State));
        Assert.Empty(Sample.Differences(stored.Outbox, read.Outbox));
        Assert.Equal(stored.Inbox, read.Inbox);
    }
}
