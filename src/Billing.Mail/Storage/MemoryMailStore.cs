using Billing.Grains.Interfaces.Index;

namespace Billing.Mail.Storage;

/// <summary>Keeps mails for as long as the process lives, and of those the newest.</summary>
internal sealed class MemoryMailStore : IMailStore
{
    /// <summary>So many are kept.</summary>
    public const int Most = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, KeptMail> _byId = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, string> _bySeq = [];
    private long _seq;

    /// <inheritdoc />
    public Task<KeptMail?> FindAsync(string id, CancellationToken cancellationToken)
    {
        lock (_lock) return Task.FromResult(_byId.GetValueOrDefault(id));
    }

    /// <inheritdoc />
    public Task<KeptMail> AddAsync(KeptMail mail, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_byId.TryGetValue(mail.Id, out var kept)) return Task.FromResult(kept);
            kept = mail with { Seq = ++_seq };
            _byId.Add(kept.Id, kept);
            _bySeq.Add(kept.Seq, kept.Id);
            if (_bySeq.Count > Most) Remove(_bySeq.First().Key);
            return Task.FromResult(kept);
        }
    }

    /// <inheritdoc />
    public Task ConcludeAsync(KeptMail mail)
    {
        lock (_lock)
        {
            if (_byId.ContainsKey(mail.Id)) _byId[mail.Id] = mail;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<int> RemoveAsync(Instant createdBefore, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var old = _bySeq.Where(pair => _byId[pair.Value].CreatedAt < createdBefore).Select(pair => pair.Key).Take(limit).ToArray();
            foreach (var seq in old) Remove(seq);
            return Task.FromResult(old.Length);
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<KeptMail>> ListAsync(string? account, int limit, long? before, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<KeptMail>>(
            [
                .. _bySeq.Reverse().Where(pair => before is null || pair.Key < before).Select(pair => _byId[pair.Value])
                    .Where(mail => account is null || string.Equals(mail.Account, account, StringComparison.Ordinal)).Take(limit),
            ]);
        }
    }

    private void Remove(long seq)
    {
        _byId.Remove(_bySeq[seq]);
        _bySeq.Remove(seq);
    }
}
