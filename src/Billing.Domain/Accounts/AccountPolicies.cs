namespace Billing.Domain;

/// <summary>The policy versions that an account's facts refer to.</summary>
public static class AccountPolicies
{
    /// <summary>Whether a book holds every version that decisions about the account need.</summary>
    public static bool AreIn(PolicyBook book, AccountState account) =>
        account.Profile is null
        || book.Knows(account.Profile.Policy) && (account.Episode is null || book.Knows(account.Episode.Policy)) && account.Invoices.All(invoice => book.Knows(invoice.Rules));
}
