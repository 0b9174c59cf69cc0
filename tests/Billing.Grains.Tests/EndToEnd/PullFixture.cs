using System.Collections.Concurrent;
using System.Collections.Immutable;
using Billing.Domain;
using Billing.Gateways;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace Billing.Grains.Tests.EndToEnd;

/// <summary>A house that no webhook reaches, and that pulls every second.</summary>
public sealed class PullFixture : BillingFixture
{
    internal BooksGateway Books { get; } = new("books");

    /// <summary>Its pulls live in days to come.</summary>
    internal BooksGateway Down { get; } = new("down");

    protected override Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["Billing:SandboxWebhookUrl"] = "http://127.0.0.1:9/lost",
        ["Billing:Pull:Every"] = "00:00:01",
        ["Billing:Sweeper:Every"] = "00:00:01",
        ["Billing:Delivery:TrimAfter"] = "00:00:00.050",
    };

    protected override void Add(IServiceCollection services) => services.AddSingleton<IPaymentGateway>(Books).AddSingleton<IPaymentGateway>(Down);
}

/// <summary>A gateway whose charges never end by themselves, and whose books a test writes.</summary>
internal sealed class BooksGateway(string name) : IPaymentGateway
{
    public string Name => name;

    /// <summary>Its pages; a page that is <see langword="null"/> is not answered.</summary>
    public ImmutableArray<ImmutableArray<GatewayEvent>?> Pages { get; set; } = [[]];

    /// <summary>The pages that were asked for.</summary>
    public ConcurrentQueue<string?> Asked { get; } = new();

    public GatewayUnit UnitOf(Currency currency) => new(currency.Decimals);

    public Task<ChargeAnswer> CreateAsync(ChargeRequest request, CancellationToken cancellationToken) => Task.FromResult(new ChargeAnswer(ChargeStatus.Processing, "ch_" + request.Payment));

    public Task<ChargeAnswer> ConfirmAsync(ChargeRequest request, CancellationToken cancellationToken) => ReadAsync(request, cancellationToken);

    public Task<ChargeAnswer> ReadAsync(ChargeRequest request, CancellationToken cancellationToken) => CreateAsync(request, cancellationToken);

    public Task<ChargeAnswer> CancelAsync(ChargeRequest request, CancellationToken cancellationToken) => CreateAsync(request, cancellationToken);

    public Task<RefundAnswer> RefundAsync(RefundRequest request, CancellationToken cancellationToken) => Task.FromResult(new RefundAnswer(ChargeStatus.Error));

    public Task<MethodDescription> DescribeAsync(string token, CancellationToken cancellationToken) => Task.FromResult(new MethodDescription(null, null, null));

    public Task<GatewayPage> ListAsync(Instant since, string? clock, string? cursor, CancellationToken cancellationToken)
    {
        Asked.Enqueue(cursor);
        var (pages, at) = (Pages, cursor is null ? 0 : int.Parse(cursor, System.Globalization.CultureInfo.InvariantCulture));
        return pages[at] is { } page
            ? Task.FromResult(new GatewayPage(page, at + 1 < pages.Length ? $"{at + 1}" : null))
            : throw new HttpRequestException("Nobody answers.");
    }
}
