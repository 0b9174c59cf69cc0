using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Billing.Grains.Interfaces.Index;
using Billing.Silo;
using Microsoft.Extensions.Primitives;

namespace Billing.Api.Keys;

/// <summary>
/// The keys of the installation, in memory: read from the index at start and twice a second, so that a revoked key is
/// refused within a second by every process. What is known stays known when the database does not answer.
/// </summary>
internal sealed class KeyRing : BackgroundService
{
    private const string Scheme = "Bearer ";
    private const int LongestHeader = 512;

    /// <summary>How often the keys are read again.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(500);

    /// <summary>After so long every process of a cluster has read what was written: the read that was under way then, the next one, and some time for it.</summary>
    public static readonly TimeSpan KnownAfter = TimeSpan.FromMilliseconds(750);

    /// <summary>How often the process tells which keys were used.</summary>
    private static readonly TimeSpan Telling = TimeSpan.FromMinutes(1);

    private readonly AdminKey _admin;
    private readonly IGrainIndex _index;
    private readonly IGrainFactory _grains;
    private readonly RateLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger<KeyRing> _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);
    private volatile FrozenDictionary<UInt128, Caller> _callers;
    private string? _read;

    public KeyRing(AdminKey admin, IGrainIndex index, IGrainFactory grains, RateLimits limits, TimeProvider time, ILogger<KeyRing> logger)
    {
        (_admin, _index, _grains, _limits, _time, _logger) = (admin, index, grains, limits, time, logger);
        _callers = Ring([new Caller(KeyRules.Admin, admin.Hash, Enum.GetValues<Scope>(), expiresAt: null, limits)]);
    }

    /// <summary>Whose key a header carries; <see langword="null"/> where it carries none that is taken now.</summary>
    public Caller? Find(StringValues authorization)
    {
        if (authorization.Count != 1 || authorization[0] is not { } header || header.Length > LongestHeader) return null;
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        Span<byte> key = stackalloc byte[LongestHeader * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key[..Encoding.UTF8.GetBytes(header.AsSpan(Scheme.Length), key)], hash);
        // Which hashes exist says nothing about a secret: whoever chooses an input does not choose its hash.
        if (!_callers.TryGetValue(Short(hash), out var caller) || !CryptographicOperations.FixedTimeEquals(hash, caller.Hash)) return null;
        var now = _time.GetUtcNow().Ticks;
        if (caller.ExpiresAt <= now) return null;
        caller.Use(now);
        return caller;
    }

    /// <summary>When this process saw a key last, in real time.</summary>
    public Instant? UsedAt(string id) =>
        _callers.Values.FirstOrDefault(caller => string.Equals(caller.Id, id, StringComparison.Ordinal)) is { UsedAt: > 0 and var ticks } ? Cut(ticks) : null;

    /// <summary>Reads the keys again, now.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        foreach (var entry in (await _index.ListAsync(new IndexQuery("keys"), cancellationToken)).Entries) Take(entry.Summary);
    }

    /// <summary>Tells which keys were used since it was told last: one write for all of them.</summary>
    public async Task TellUsesAsync()
    {
        var uses = _callers.Values.Where(caller => caller.UsedAt > _told.GetValueOrDefault(caller.Id)).Select(caller => (caller.Id, Ticks: caller.UsedAt)).ToArray();
        if (uses.Length == 0) return;
        await _grains.Keys().Execute(new Call(new KeysUsed([.. uses.Select(use => new KeyUsed(use.Id, Cut(use.Ticks)))]), _time.GetInstant()));
        foreach (var (id, ticks) in uses) _told[id] = ticks;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var trouble = new PassingTrouble("Reading the keys again", _time, _logger);
        using var timer = new PeriodicTimer(Refresh, _time);
        var toldAt = _time.GetTimestamp();
        do
        {
            try
            {
                await RefreshAsync(stoppingToken);
                trouble.Works();
                if (_time.GetElapsedTime(toldAt) < Telling) continue;
                toldAt = _time.GetTimestamp();
                await TellUsesAsync();
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                trouble.Fails(failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Take(JsonElement summary)
    {
        lock (_gate)
        {
            var text = summary.GetRawText();
            if (string.Equals(text, _read, StringComparison.Ordinal)) return;
            // Who is known already keeps what is counted of it.
            var known = _callers.Values.ToDictionary(caller => caller.Id, StringComparer.Ordinal);
            _callers = Ring([known[KeyRules.Admin], .. summary.GetProperty("keys").EnumerateArray().Select(key => known.GetValueOrDefault(key.GetProperty("id").GetString()!) ?? Read(key))]);
            _read = text;
        }
    }

    private Caller Read(JsonElement key) => new(
        key.GetProperty("id").GetString()!,
        Convert.FromHexString(key.GetProperty("hash").GetString()!),
        key.GetProperty("scopes").EnumerateArray().Select(scope => (Scope)scope.GetInt32()),
        key.TryGetProperty("expires_at", out var at) && at.ValueKind == JsonValueKind.Number ? DateTimeOffset.FromUnixTimeMilliseconds(at.GetInt64()) : null,
        _limits);

    private static FrozenDictionary<UInt128, Caller> Ring(IEnumerable<Caller> callers) => callers.ToFrozenDictionary(caller => Short(caller.Hash));

    private static UInt128 Short(ReadOnlySpan<byte> hash) => MemoryMarshal.Read<UInt128>(hash);

    private static Instant Cut(long ticks) => Instant.FromUnixTimeMilliseconds(new DateTimeOffset(ticks, TimeSpan.Zero).ToUnixTimeMilliseconds());
}
