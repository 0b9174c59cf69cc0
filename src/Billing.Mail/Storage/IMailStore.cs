using Billing.Grains.Interfaces.Index;

namespace Billing.Mail.Storage;

/// <summary>Keeps mails: a notice has one, written once.</summary>
internal interface IMailStore : IMailLog
{
    /// <summary>The mail of a notice; <see langword="null"/> where none is written.</summary>
    Task<KeptMail?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Keeps a mail, unless the notice has one; gives the one that is kept.</summary>
    Task<KeptMail> AddAsync(KeptMail mail, CancellationToken cancellationToken);

    /// <summary>Writes down what came of a sending, for good. It is not given up half-way: what the relay has said must not be lost.</summary>
    Task ConcludeAsync(KeptMail mail);

    /// <summary>Removes mails that were kept long enough, some at a time; gives how many.</summary>
    Task<int> RemoveAsync(Instant createdBefore, int limit, CancellationToken cancellationToken);
}
