using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Nodes;
using Billing.Domain;
using Billing.Grains.Tests.Wire;
using NodaTime;

namespace Billing.Grains.Tests.Sizes;

/// <summary>
/// Values in which everything is set, lists as long as they may be, and ids random: nothing is smaller than it could be, and no more
/// repeats than what refers to something else of the account. The same seed gives the same value.
/// </summary>
internal sealed class AtBounds
{
    private const string Alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    private static readonly string[] s_words = "usage of the server in march traffic beyond what is included storage backup second domain support by phone setup fee for cluster".Split(' ');
    private static readonly string[] s_ofADay = ["IdempotencyRecord.At", "ToldPayment.At", "AccountState.Declines", "AccountState.NewMethodCharges"];
    private static readonly string[] s_labels = ["sandbox", "stripe", "past_due", "suspended", "deleted", "visa", "mastercard", "credit", "vm", "volume", "address"];
    private readonly Texts _texts;
    private readonly IReadOnlyDictionary<string, int> _lengths;
    private readonly Random _random = new(7);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly List<string> _invoices = [];
    private readonly List<string> _resources = [];
    private readonly List<string> _methods = [];
    private readonly List<string> _subscriptions = [];
    private readonly string _account;
    private readonly List<string> _lots = [];
    private int _subscription;
    private int _lot;
    private int _links;
    private Instant _instant;
    private ImmutableArray<MethodCandidate>? _candidates;

    /// <param name="texts">How long texts are.</param>
    /// <param name="lengths">The bounds of lists, by <c>Type.Property</c>; others hold one item.</param>
    public AtBounds(Texts texts, IReadOnlyDictionary<string, int> lengths)
    {
        (_texts, _lengths) = (texts, lengths);
        _account = Id();
        _subscriptions.AddRange(Enumerable.Range(0, 2 * SubscriptionLimits.Subscriptions).Select(_ => Id()));
        _lots.AddRange(Enumerable.Range(0, AccountLimits.PromoLots).Select(_ => Id()));
    }

    /// <summary>A value of a type.</summary>
    public T Of<T>() => (T)Value(typeof(T), typeof(T).Name);

    /// <summary>Invoices and payments of the account, as grains' keys.</summary>
    public IEnumerable<string> Neighbours => _invoices.SelectMany(id => new[] { GrainKeys.Invoice(id), GrainKeys.Payment(Ids.RungPayment(id, 1)) });

    /// <summary>Bounds that no list of the value has asked for: a name that means nothing any more.</summary>
    public IEnumerable<string> Unused => _lengths.Keys.Except(_used, StringComparer.Ordinal);

    /// <summary>An id that nothing else has.</summary>
    public string Id() => _texts == Texts.Ordinary ? new Guid(Bytes()).ToString("D") : Random(_texts.Id, 62);

    private byte[] Bytes()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return bytes;
    }

    private object Value(Type type, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return Text(path);
        if (type == typeof(int)) return _random.Next(1, 1000);
        if (type == typeof(long)) return _random.NextInt64(1, 1_000_000);
        if (type == typeof(bool)) return true;
        if (type == typeof(decimal)) return 0.190000m;
        if (type == typeof(Instant)) return _instant = At(path);
        if (type == typeof(Duration)) return Duration.FromHours(_random.Next(1, 500));
        if (type == typeof(Currency)) return Currency.Parse("EUR");
        if (type == typeof(Money)) return new Money(_random.NextInt64(1, 1_000_000), Currency.Parse("EUR"));
        if (type == typeof(ImmutableSortedDictionary<string, string>)) return Many(path, () => KeyValuePair.Create(Random(Math.Min(_texts.Id, 40), 26), Words())).ToImmutableSortedDictionary(StringComparer.Ordinal);
        if (type == typeof(JsonObject)) return new JsonObject { ["id"] = Id() };
        if (type.IsEnum) return Enum.GetValues(type).GetValue(_random.Next(Enum.GetValues(type).Length))!;
        if (Sample.IsArray(type)) return Array(type.GetGenericArguments()[0], path);
        return type.IsAbstract ? throw new NotSupportedException($"{path} is abstract.") : Record(type);
    }

    /// <summary>Most instants have nothing to do with each other; an invoice is due days after its issue, and unpaid since its first attempt.</summary>
    private Instant At(string path) => path switch
    {
        "OpenInvoice.DueAt" => _instant + Duration.FromDays(_random.Next(1, 60)),
        "OpenInvoice.FirstUnpaidSince" or "OpenInvoice.Rung0EndedAt" => _instant,
        _ => Instant.FromUtc(2026, 3, 1, 0, 0) + Duration.FromMilliseconds(_random.NextInt64(86_400_000L * (s_ofADay.Contains(path) ? 1 : 365))),
    };

    private object Record(Type type)
    {
        var constructor = type.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length).First();
        var value = constructor.Invoke([.. constructor.GetParameters().Select(parameter => IsLeftOut(type, parameter.Name!) ? null : Value(parameter.ParameterType, $"{type.Name}.{parameter.Name}"))]);
        var named = constructor.GetParameters().Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var property in Sample.Properties(type).Where(property => property.CanWrite && !named.Contains(property.Name))) property.SetValue(value, Value(property.PropertyType, $"{type.Name}.{property.Name}"));
        return value;
    }

    /// <summary>A keyed call's record names what it made for pay links only.</summary>
    private bool IsLeftOut(Type type, string name) => type == typeof(IdempotencyRecord) && name == nameof(IdempotencyRecord.Id) && ++_links > AccountLimits.PayLinks;

    /// <summary>The methods that payments may use are those of the account: the same for each of them.</summary>
    private object Array(Type type, string path)
    {
        if (type == typeof(MethodCandidate)) return _candidates ??= [.. Many("MethodCandidates", () => (MethodCandidate)Record(type))];
        return typeof(AtBounds).GetMethod(nameof(ArrayOf), BindingFlags.NonPublic | BindingFlags.Instance)!.MakeGenericMethod(type).Invoke(this, [path])!;
    }

    private ImmutableArray<T> ArrayOf<T>(string path) => [.. Many(path, () => (T)Value(typeof(T), path))];

    private IEnumerable<T> Many<T>(string path, Func<T> item)
    {
        _used.Add(path);
        var length = _lengths.GetValueOrDefault(path, 1);
        for (var i = 0; i < length; i++) yield return item();
    }

    private string Text(string path) => path[(path.IndexOf('.', StringComparison.Ordinal) + 1)..] switch
    {
        "What" => "The account is to be deleted, and more accounts than the brake lets through are before it.",
        "Do" => "Mend the owner's address, which sends it again, or attest that the notice reached the owner another way.",
        "Description" or "Reason" or "Detail" or "Label" or "SettlesLabel" or "Evidence" => Words(),
        "Hash" when path.StartsWith("Idempotency", StringComparison.Ordinal) => Random(24, 16),
        "Content" when path.StartsWith("Idempotency", StringComparison.Ordinal) => Random(16, 16),
        "Key" => Random(24, 16),
        "Hash" or "Content" => Random(64, 16),
        "Number" => $"INV-{_random.Next(1_000_000):D6}",
        "Emails" => $"{Random(_texts.Id / 2, 26)}@{Random(_texts.Id / 2, 26)}.example",
        "Token" => Random(_texts == Texts.Longest ? 255 : 28, 62),
        "Fingerprint" => Random(16, 62),
        "Last4" => $"{_random.Next(10_000):D4}",
        "Deny" or "Kind" or "Gateway" or "Brand" or "Network" or "Funding" or "Standing" or "Name" or "Notice" or "Code" or "HardDecline" or "Tags" or "Plan" => s_labels[_random.Next(s_labels.Length)] + _random.Next(10),
        "TimeZone" => "America/Argentina/ComodRivadavia",
        "Locale" => "sr-Latn-RS",
        "Policy" => "valid-email-checker",
        _ => Name(path),
    };

    /// <summary>Names of ours are made of callers' ids, and what refers to something of the account has its name.</summary>
    private string Name(string path) => path switch
    {
        "AccountProfile.Id" => _account,
        "PaymentMethod.Id" => Known(_methods),
        "AccountState.DefaultMethod" or "NewMethodCharge.Method" or "MethodCandidate.Method" or "OpenDispute.Method" => OneOf(_methods),
        "OpenInvoice.Id" => Known(_invoices),
        "OpenInvoice.Subscriptions" => OneOf(_subscriptions),
        "OpenInvoice.ReservedBy" or "OpenInvoice.AwaitedBy" => $"{_invoices[^1]}~{_random.Next(20)}",
        "PendingPayment.Id" or "PendingPayment.WaitsFor" or "Application.Payment" => $"{OneOf(_invoices)}~{_random.Next(20)}",
        "PendingPayment.Invoices" or "BalanceInvoice.Invoices" or "NewMethodCharge.Invoice" or "AttentionEntry.Subject" => OneOf(_invoices),
        "PromoPart.Lot" => OneOf(_lots),
        "PromoLot.Id" => _lots[_lot++],
        "Subscription.Id" => _subscriptions[_subscription++],
        "Subscription.FirstInvoice" or "Subscription.PeriodInvoice" => $"{_account}~{_subscriptions[_subscription - 1]}~2026-{_random.Next(1, 12):D2}-{_random.Next(1, 29):D2}",
        "Resource.Id" => Known(_resources),
        "Resource.DependsOn" => OneOf(_resources),
        "ResourceOrder.Id" or "Resource.Acknowledged" => $"{_account}~order~{_random.Next(100_000)}",
        "PromisedNotice.Id" => $"{_account}~notice~{_random.Next(100_000)}",
        _ => Id(),
    };

    private string Known(List<string> ids)
    {
        ids.Add(Id());
        return ids[^1];
    }

    private string OneOf(List<string> ids) => ids.Count == 0 ? Id() : ids[_random.Next(ids.Count)];

    private string Words()
    {
        var text = "";
        while (text.Length < _texts.Words) text += $"{s_words[_random.Next(s_words.Length)]} {_random.Next(100)} ";
        return text[.._texts.Words];
    }

    /// <summary>Random characters, of the first so many of the alphabet: nothing packs them smaller than they are.</summary>
    private string Random(int length, int of) => string.Create(length, (_random, of), static (characters, source) =>
    {
        foreach (ref var character in characters) character = Alphabet[source._random.Next(source.of)];
    });
}
