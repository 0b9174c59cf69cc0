using System.Security.Cryptography;
using Billing.Api.Payments;

namespace Billing.Api.PayLinks;

/// <summary>
/// What whoever holds a pay link finds: the way from a token to its page, and the limits of trying. A link that is unknown,
/// expired, revoked or ended is one and the same: the same two reads, the same answer.
/// </summary>
internal sealed class PayLinkDoor(IGrainFactory grains, AccountClocks clocks, Strangers strangers, TimeProvider time)
{
    private const int TokenBytes = 16;

    /// <summary>Never an account: no id begins so.</summary>
    private const string Nobody = "~nobody";

    private readonly RecentCounts _byLink = new(ApiBounds.PayLinkDeclines, TimeSpan.FromHours(1), time);
    private readonly RecentCounts _byAddress = new(ApiBounds.PayLinkDeclines, TimeSpan.FromHours(1), time);

    /// <summary>A new token: 128 random bits.</summary>
    public static string NewToken() => PayLink.TokenOf(RandomNumberGenerator.GetBytes(TokenBytes));

    /// <summary>The page of a token, also of a link that has ended; <see langword="null"/> where it leads nowhere.</summary>
    public async Task<(string Account, PayPage Page, Now Now)?> FindAsync(string token)
    {
        var hash = PayLink.HashOf(token);
        var link = await grains.PayLink(hash).Read();
        var (account, now) = (link.Account ?? Nobody, await clocks.OnAsync(link.Clock));
        return (await grains.Account(account).PayPage(new PayPageCall(hash, now.At))).Page is { } page ? (account, page, now) : null;
    }

    /// <summary>The one answer for everything that leads nowhere.</summary>
    public Problem Nowhere(HttpContext http) => strangers.Refuse(http, Problem.NoSuch("pay link"));

    /// <summary>Why no further payment is tried with a link, or from an address; <see langword="null"/> where one may be.</summary>
    public Problem? TooMany(string link, HttpContext http) =>
        (_byLink.Wait(link) ?? _byAddress.Wait(RecentCounts.NameOf(http.Connection.RemoteIpAddress))) is { } wait
            ? Problem.Later(Problems.TooManyDeclines, $"At most {ApiBounds.PayLinkDeclines} declined payments in an hour.", wait)
            : null;

    /// <summary>A payment was declined.</summary>
    public void Declined(string link, HttpContext http)
    {
        _byLink.Add(link);
        _byAddress.Add(RecentCounts.NameOf(http.Connection.RemoteIpAddress));
    }

    /// <summary>The page as it is shown.</summary>
    public async Task<PayLinkPageResponse> ShowAsync(PayPage page)
    {
        var invoices = await Task.WhenAll(page.Invoices.Take(ApiBounds.PayLinkInvoices).Select(ShowAsync));
        var payment = page.Payment is null ? null : await grains.Payment(page.Payment).Read();
        return new PayLinkPageResponse
        {
            Currency = page.Currency.Code,
            AmountDue = page.AmountDue.MinorUnits,
            AmountToPay = page.AmountToPay.MinorUnits,
            AmountUnpaid = page.AmountUnpaid.MinorUnits,
            Invoices = invoices,
            InvoicesLeft = page.Invoices.Length - invoices.Length,
            PaymentMethods = [.. page.Methods.Select(method => new PayLinkMethodResponse(method.Id, method.Kind, method.Brand, method.Last4, string.Equals(method.Id, page.DefaultMethod, StringComparison.Ordinal)))],
            Payment = payment?.Start is null ? null : PayLinkPaymentResponse.Of(payment),
            ExpiresAt = page.ExpiresAt,
            Test = page.Test,
        };
    }

    private async Task<PayLinkInvoiceResponse> ShowAsync(PayPageInvoice invoice)
    {
        var document = await grains.Invoice(invoice.Id).Read();
        return new PayLinkInvoiceResponse(
            invoice.Number, invoice.Due.MinorUnits, invoice.DueAt, invoice.IsReserved, [.. document.Content?.Lines.Select(line => new PayLinkLineResponse(line.Description, line.Amount)) ?? []]);
    }
}
