using Billing.Mail;
using Billing.Silo;

namespace Billing.Api.Gate;

/// <summary>
/// Where a login is led that a policy leads to the payment page: <c>Billing:Mail:PayUrl</c>, the page that mails name too. It is the
/// caller's own page and no pay link: a link is a secret, and in no answer of the gate. Without the setting it is a path of the caller's site.
/// </summary>
internal sealed class PaymentPage
{
    private const string Account = "{account}";
    private const string OnTheCallersSite = "/pay/" + Account;

    private readonly string _url;

    private PaymentPage(string url) => _url = url;

    /// <summary>Reads the setting.</summary>
    /// <exception cref="StartRefusedException">It is no address.</exception>
    public static PaymentPage Read(IConfiguration configuration)
    {
        if (configuration["Billing:Mail:PayUrl"] is not { Length: > 0 } url) return new PaymentPage(OnTheCallersSite);
        return new MailOptions { PayUrl = url }.Problem(mayKeep: true) is { } problem ? throw new StartRefusedException(problem) : new PaymentPage(url);
    }

    /// <summary>The page of an account.</summary>
    public string Of(string account) => _url.Replace(Account, Uri.EscapeDataString(account), StringComparison.Ordinal);
}
