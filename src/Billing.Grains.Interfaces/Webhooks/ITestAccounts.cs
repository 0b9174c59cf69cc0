namespace Billing.Grains.Interfaces.Webhooks;

/// <summary>Which accounts are for tests. That never changes, so an answer may be remembered.</summary>
public interface ITestAccounts
{
    /// <summary>Whether an account is for tests.</summary>
    ValueTask<bool> IsTestAsync(string account, CancellationToken cancellationToken = default);
}
