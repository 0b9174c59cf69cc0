using System.Globalization;
using System.Text.Json;
using Billing.Gateways;
using NodaTime;

namespace Billing.Stripe;

/// <summary>
/// Stripe over its REST API. A charge is a PaymentIntent: created, which moves no money, its id stored by us, then confirmed. So
/// whatever becomes of a request, the outcome is a read of an id that we have; an intent whose id we do not have was never
/// confirmed; and cancelling an intent is the fence before anything else is tried.
/// </summary>
/// <remarks>
/// Implementation note, on what an error means. A create moves no money, so whatever goes wrong with it is no decline and no
/// unknown: nothing was done. A confirm is sent once. 429, a refused connection and a key that Stripe does not know: nothing
/// was done. A lost answer, 409 and 5xx, also a stored one that is replayed, are unknown: the intent is read, never confirmed again.
/// </remarks>
public sealed class StripeGateway : IPaymentGateway
{
    /// <summary>Its name in the port.</summary>
    public const string GatewayName = "stripe";

    /// <summary>How long Stripe remembers an idempotency key at least.</summary>
    public static readonly Duration KeyLife = Duration.FromHours(24);

    /// <summary>A key is not sent again in its last hour: clocks differ.</summary>
    private static readonly Duration KeyMargin = Duration.FromHours(1);

    /// <summary>Why a refund is not sent whose amount Stripe cannot say: it takes the last digit of three-decimal currencies as 0 alone.</summary>
    private const string AmountTooFine = "amount_too_fine";

    private readonly StripeClient _client;
    private readonly StripeMethods _methods;
    private readonly StripeOptions _options;
    private readonly TimeProvider _time;

    internal StripeGateway(StripeClient client, StripeOptions options, TimeProvider time) =>
        (_client, _methods, _options, _time) = (client, new StripeMethods(client), options, time);

    /// <inheritdoc />
    public string Name => GatewayName;

    /// <inheritdoc />
    public GatewayUnit UnitOf(Currency currency) => StripeUnits.Of(currency);

    /// <inheritdoc />
    public async Task<ChargeAnswer> CreateAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        if (request.Test) return new ChargeAnswer(ChargeStatus.Error, Code: "test_account");
        var unit = UnitOf(request.Amount.Currency);
        if (request.Amount < unit.Minimum) return new ChargeAnswer(ChargeStatus.Declined, Code: StripeDeclines.AmountTooSmall);
        var (method, unheard) = await _methods.FindAsync(request.Token, request.Kind, cancellationToken);
        if (method is null) return new ChargeAnswer(ChargeStatus.Error, Code: WhyNot(unheard!), RetryAfter: unheard!.RetryAfter);
        var form = new StripeForm
        {
            { "amount", unit.FromMoney(request.Amount) },
            { "currency", request.Amount.Currency.Code.ToLowerInvariant() },
            { "payment_method", method.Id },
            { "customer", method.Customer },
            { "payment_method_types[0]", method.Type },
            { "confirm", false },
            { "metadata[billing_payment]", request.Payment },
            { "metadata[billing_attempt]", request.Ordinal },
            { "metadata[billing_account]", request.Account },
        };
        var reply = await _client.PostAsync("/v1/payment_intents", form, request.Key + "/create", cancellationToken);
        return reply.Reach switch
        {
            StripeReach.Done when !IsOurKind(reply.Body) => new ChargeAnswer(ChargeStatus.Error, Code: "livemode"),
            StripeReach.Done when reply.Body.Text("id") is { } id => new ChargeAnswer(ChargeStatus.Created, id),
            StripeReach.Refused => new ChargeAnswer(ChargeStatus.Declined, Code: StripeDeclines.CodeOf(reply.Error)),
            _ => new ChargeAnswer(ChargeStatus.Error, Code: WhyNot(reply), RetryAfter: reply.RetryAfter),
        };
    }

    /// <inheritdoc />
    public async Task<ChargeAnswer> ConfirmAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        var form = new StripeForm();
        if (!request.ByHand) form.Add("off_session", true);
        else if (_options.ReturnUrl is { } back) form.Add("return_url", back.AbsoluteUri);
        form.Add("expand[0]", "latest_charge");
        var reply = await _client.PostAsync(PathOf(request, "/confirm"), form, request.Key + "/confirm", cancellationToken);
        switch (reply.Reach)
        {
            case StripeReach.Done:
                return await AnswerAsync(reply.Body, request, cancellationToken);
            case StripeReach.Refused when reply.Error.Child("payment_intent") is { ValueKind: JsonValueKind.Object } intent:
                // The error speaks of this very attempt; the intent that it carries says what that means.
                return await AnswerAsync(intent, request, cancellationToken);
            case StripeReach.Refused when reply.Error.Text("type") == "card_error" && !StripeDeclines.NeedsCustomer(reply.Error):
                return new ChargeAnswer(ChargeStatus.Declined, request.Reference, Code: StripeDeclines.CodeOf(reply.Error));
            case StripeReach.Refused:
                return await ReadAsync(request, cancellationToken);
            case StripeReach.TooMany or StripeReach.NotReached:
                return new ChargeAnswer(ChargeStatus.Error, request.Reference, Code: WhyNot(reply), RetryAfter: reply.RetryAfter);
            default:
                return new ChargeAnswer(ChargeStatus.Unknown, request.Reference, Code: WhyNot(reply), RetryAfter: reply.RetryAfter);
        }
    }

    /// <summary>What became of an intent. Without an id there is none that was ever confirmed.</summary>
    public async Task<ChargeAnswer> ReadAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        if (request.Reference is null) return new ChargeAnswer(ChargeStatus.NotFound);
        var reply = await _client.GetAsync(PathOf(request, "?expand[0]=latest_charge"), cancellationToken);
        return reply.Reach == StripeReach.Done
            ? await AnswerAsync(reply.Body, request, cancellationToken)
            : new ChargeAnswer(ChargeStatus.Unknown, request.Reference, Code: WhyNot(reply), RetryAfter: reply.RetryAfter);
    }

    /// <inheritdoc />
    public async Task<ChargeAnswer> CancelAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        if (request.Reference is null) return new ChargeAnswer(ChargeStatus.Cancelled);
        var (answer, _) = await CancelAsync(request, "requested_by_customer", cancellationToken);
        // Whatever it failed of before, it takes no money any more.
        return answer.Status is ChargeStatus.NotFound or ChargeStatus.AuthenticationRequired ? answer with { Status = ChargeStatus.Cancelled } : answer;
    }

    /// <inheritdoc />
    public async Task<RefundAnswer> RefundAsync(RefundRequest request, CancellationToken cancellationToken)
    {
        if (request.FirstSentAt is { } first && request.At > first)
        {
            // It may have arrived: Stripe may have forgotten the key, or may replay an error that it stored under it.
            var known = await FindRefundAsync(request, cancellationToken);
            if (known is not null) return known;
            if (Now - first >= KeyLife - KeyMargin) return new RefundAnswer(ChargeStatus.Unknown, Code: "key_expired");
        }

        // Rounded up it would be more than was asked for, and rounded down less than the account has set aside.
        var unit = UnitOf(request.Amount.Currency);
        var units = unit.FromMoney(request.Amount);
        if (unit.ToMoney(units, request.Amount.Currency) != request.Amount) return new RefundAnswer(ChargeStatus.Declined, Code: AmountTooFine);

        var form = new StripeForm
        {
            { "payment_intent", request.Charge },
            { "amount", units },
            { "metadata[billing_refund]", request.Key },
            { "metadata[billing_payment]", request.Payment },
        };
        var reply = await _client.PostAsync("/v1/refunds", form, request.Key, cancellationToken);
        return reply.Reach switch
        {
            StripeReach.Done => RefundOf(reply.Body),
            StripeReach.Refused => new RefundAnswer(ChargeStatus.Declined, Code: StripeDeclines.CodeOf(reply.Error)),
            StripeReach.TooMany or StripeReach.NotReached => new RefundAnswer(ChargeStatus.Error, Code: WhyNot(reply), RetryAfter: reply.RetryAfter),
            _ => new RefundAnswer(ChargeStatus.Unknown, Code: WhyNot(reply), RetryAfter: reply.RetryAfter),
        };
    }

    /// <inheritdoc />
    public Task<GatewayPage> ListAsync(Instant since, string? clock, string? cursor, CancellationToken cancellationToken) =>
        clock is null ? StripeBooks.ListAsync(_client, since, cursor, _options.IsLive, cancellationToken) : Task.FromResult(new GatewayPage([]));

    /// <inheritdoc />
    public Task<MethodDescription> DescribeAsync(string token, CancellationToken cancellationToken) => _methods.DescribeAsync(token, cancellationToken);

    private Instant Now => Instant.FromDateTimeOffset(_time.GetUtcNow());

    /// <summary>What an intent says. Of one that nothing has come of yet, the fence comes first: it is cancelled, and then nothing will.</summary>
    private async Task<ChargeAnswer> AnswerAsync(JsonElement intent, ChargeRequest request, CancellationToken cancellationToken)
    {
        if (!IsOurKind(intent)) return new ChargeAnswer(ChargeStatus.Unknown, request.Reference, Code: "livemode");
        if (StripeIntents.Answer(intent, request.ByHand, request.ExpiresAt) is { } answer) return answer;
        var asksCustomer = intent.Text("status") == "requires_action" || StripeDeclines.NeedsCustomer(intent.Child("last_payment_error"));
        var (end, isCancelled) = await CancelAsync(request, asksCustomer ? "requested_by_customer" : StripeIntents.NeverConfirmed, cancellationToken);
        // The customer was not there, or could not be sent anywhere.
        return isCancelled && asksCustomer ? new ChargeAnswer(ChargeStatus.AuthenticationRequired, request.Reference, Code: StripeDeclines.AuthenticationRequired) : end;
    }

    /// <summary>Cancels. It needs no key: done twice it is the same, and a stored error must not stand in its way for a day.</summary>
    private async Task<(ChargeAnswer Answer, bool IsCancelled)> CancelAsync(ChargeRequest request, string reason, CancellationToken cancellationToken)
    {
        var reply = await _client.PostAsync(PathOf(request, "/cancel"), new StripeForm { { "cancellation_reason", reason } }, key: null, cancellationToken);
        var intent = reply.Reach switch
        {
            StripeReach.Done => reply.Body,
            StripeReach.Refused => reply.Error.Child("payment_intent"),
            _ => default,
        };
        var answer = intent.ValueKind == JsonValueKind.Object && IsOurKind(intent) ? StripeIntents.Answer(intent, request.ByHand, request.ExpiresAt) : null;
        return (answer ?? new ChargeAnswer(ChargeStatus.Unknown, request.Reference, Code: "not_cancelled", RetryAfter: reply.RetryAfter), intent.Text("status") == "canceled");
    }

    private async Task<RefundAnswer?> FindRefundAsync(RefundRequest request, CancellationToken cancellationToken)
    {
        var reply = await _client.GetAsync($"/v1/refunds?payment_intent={Uri.EscapeDataString(request.Charge)}&limit=100", cancellationToken);
        if (reply.Reach != StripeReach.Done) return new RefundAnswer(ChargeStatus.Unknown, Code: WhyNot(reply), RetryAfter: reply.RetryAfter);
        foreach (var refund in StripeBooks.ItemsOf(reply.Body))
        {
            if (string.Equals(refund.Child("metadata").Text("billing_refund"), request.Key, StringComparison.Ordinal)) return RefundOf(refund);
        }

        return null;
    }

    /// <summary>A pending one is on its way; should it fail after all, a webhook or a pull says so.</summary>
    private static RefundAnswer RefundOf(JsonElement refund) => refund.Text("status") switch
    {
        "succeeded" or "pending" => new RefundAnswer(ChargeStatus.Succeeded, refund.Text("id")),
        "failed" or "canceled" => new RefundAnswer(ChargeStatus.Declined, refund.Text("id"), refund.Text("failure_reason") ?? "refund_failed"),
        _ => new RefundAnswer(ChargeStatus.Unknown, refund.Text("id"), "status_unknown"),
    };

    /// <summary>An object of the other mode than the key's is none of ours.</summary>
    private bool IsOurKind(JsonElement intent) => intent.Truth("livemode") == _options.IsLive;

    private static string PathOf(ChargeRequest request, string rest) => string.Create(CultureInfo.InvariantCulture, $"/v1/payment_intents/{Uri.EscapeDataString(request.Reference!)}{rest}");

    private static string WhyNot(StripeReply reply) => reply.Error.Text("code") ?? reply.Error.Text("type") ?? reply.Reach switch
    {
        StripeReach.TooMany => "rate_limited",
        StripeReach.NotReached => "not_reached",
        StripeReach.InUse => "in_use",
        _ => "no_answer",
    };
}
