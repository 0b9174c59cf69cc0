using Billing.Domain;
using Billing.Gateways;
using Billing.Grains.Interfaces;
using NodaTime;

namespace Billing.Simulation.Installations;

/// <summary>
/// A payment gateway with a ledger of its own, which no crash of ours touches. Requests take time, get lost or linger;
/// answers get lost after the money has moved; webhooks come late, twice, in any order, or not at all.
/// </summary>
/// <param name="world">Where it stands.</param>
/// <param name="closesKeys">
/// Whether a read that finds nothing closes the key. Where it does not, only the wait before absence is believed protects:
/// no request lingers for longer than that.
/// </param>
internal sealed class SimulatedGateway(Installation world, bool closesKeys) : IPaymentGateway
{
    private static readonly Duration s_longestLinger = Duration.FromMinutes(9);
    private static readonly string[] s_soft = ["insufficient_funds", "do_not_honor", "processing_error"];
    private static readonly string[] s_hard = ["stolen_card", "account_closed", "transaction_not_allowed"];

    private readonly Dictionary<string, Charge> _charges = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RefundAnswer> _refunds = new(StringComparer.Ordinal);
    private readonly HashSet<string> _closed = new(StringComparer.Ordinal);
    private int _events;

    public string Name => "sandbox";

    public List<Charge> Charges { get; } = [];

    /// <summary>Requests and webhooks on their way.</summary>
    public int UnderWay { get; private set; }

    /// <summary>From now on nothing is lost or late.</summary>
    public bool IsCalm { get; set; }

    /// <summary>From now on every charge is declined, and no customer pays.</summary>
    public bool TakesNoMoney { get; set; }

    private Random Random => world.Scheduler.Random;

    public GatewayUnit UnitOf(Currency currency) => new(currency.Decimals);

    public Task<ChargeAnswer> ConfirmAsync(ChargeRequest request, CancellationToken cancellationToken) => throw new NotSupportedException("It moves money when it makes a charge.");

    public Task<GatewayPage> ListAsync(Instant since, string? clock, string? cursor, CancellationToken cancellationToken) => Task.FromResult(new GatewayPage([]));

    public Task<ChargeAnswer> CreateAsync(ChargeRequest request, CancellationToken cancellationToken) => SendAsync(() => Take(request), mayLinger: true);

    public Task<ChargeAnswer> ReadAsync(ChargeRequest request, CancellationToken cancellationToken) => SendAsync(() => Read(request), mayLinger: false);

    public Task<ChargeAnswer> CancelAsync(ChargeRequest request, CancellationToken cancellationToken) => SendAsync(() => Cancel(request), mayLinger: false);

    public Task<RefundAnswer> RefundAsync(RefundRequest request, CancellationToken cancellationToken) => SendAsync(() => Refund(request), mayLinger: false);

    public Task<MethodDescription> DescribeAsync(string token, CancellationToken cancellationToken) => Task.FromResult(new MethodDescription(null, null, null));

    /// <summary>What a dispute does to a charge, and the webhook that tells it until it is taken.</summary>
    public void Dispute(Charge charge, DisputeOutcome outcome)
    {
        if (charge.Status != ChargeStatus.Succeeded) return;
        var isOver = charge.Reversed > 0;
        if (isOver || outcome == DisputeOutcome.Opened && charge.IsDisputed || outcome == DisputeOutcome.Won && !charge.IsDisputed) return;
        charge.IsDisputed = outcome == DisputeOutcome.Opened;
        var amount = charge.Left;
        if (outcome == DisputeOutcome.Lost) charge.Reversed += amount;
        // Nobody hears of a dispute without ever hearing of the capture.
        UnderWay++;
        world.After(Duration.Zero, "webhook", () => Deliver(charge, ReportOf(charge)));
        Tell(charge, new GatewayDisputed($"evt-{++_events}", charge.Ordinal, outcome, outcome == DisputeOutcome.Lost ? new Money(amount, charge.Asked.Currency) : null, world.Now), isCertain: true);
    }

    /// <summary>Says again what a charge is.</summary>
    public void TellAgain(Charge charge) => Tell(charge, ReportOf(charge), isCertain: false);

    private Task<T> SendAsync<T>(Func<T> atGateway, bool mayLinger)
    {
        var process = world.Process;
        var answer = new TaskCompletionSource<T>();
        var fate = IsCalm ? 0 : Random.Next(100);
        if (fate >= 96) return answer.Task;
        UnderWay++;
        world.After(Travel(fate, mayLinger), "gateway", () =>
        {
            UnderWay--;
            var result = atGateway();
            world.Note($"gateway: {result}");
            if (IsCalm || Random.Next(100) >= 6) process.Post("gateway answer", () => answer.TrySetResult(result));
        });
        return answer.Task;
    }

    private Duration Travel(int fate, bool mayLinger) => fate switch
    {
        < 80 => Duration.Zero,
        < 91 => Duration.FromMilliseconds(Random.Next(5_000)),
        _ => mayLinger ? Duration.FromMilliseconds(Random.Next((int)s_longestLinger.TotalMilliseconds)) : Duration.FromSeconds(30),
    };

    private ChargeAnswer Take(ChargeRequest request)
    {
        if (_charges.TryGetValue(request.Key, out var known)) return known.Answer;
        if (_closed.Contains(request.Key)) return new ChargeAnswer(ChargeStatus.Error, Code: "key_closed");
        var charge = new Charge(request.Key, request.Payment, request.Account, request.Amount, request.Kind, world.Now);
        var what = Behaviour(request.Token);
        if (what == Does.Err) return new ChargeAnswer(ChargeStatus.Error);
        _charges.Add(request.Key, charge);
        Charges.Add(charge);
        if (request.Kind == MethodKind.Crypto) what = Does.Ask;
        switch (what)
        {
            case Does.Pay:
                Capture(charge, request.Amount.MinorUnits);
                break;
            case Does.Decline:
                End(charge, ChargeStatus.Declined, s_soft[Random.Next(s_soft.Length)]);
                break;
            case Does.DeclineHard:
                End(charge, ChargeStatus.Declined, s_hard[Random.Next(s_hard.Length)]);
                break;
            case Does.Ask when request.ByHand || request.Kind == MethodKind.Crypto:
                Await(charge, request);
                break;
            case Does.Ask:
                End(charge, ChargeStatus.AuthenticationRequired, "authentication_required");
                break;
            default:
                var pays = Random.Next(2) == 0;
                world.After(Some(Duration.FromMinutes(10), Duration.FromDays(request.Kind == MethodKind.Bank ? 8 : 2)), "settlement", () => Settle(charge, pays));
                break;
        }

        return charge.Answer;
    }

    /// <summary>The token says how a method behaves: <c>tok-3-flaky</c>.</summary>
    private Does Behaviour(string token) => TakesNoMoney ? Does.Decline : token[(token.LastIndexOf('-') + 1)..] switch
    {
        "good" => Does.Pay,
        "bad" => Random.Next(6) == 0 ? Does.DeclineHard : Does.Decline,
        "bank" => Does.Wait,
        "asks" => Random.Next(3) == 0 ? Does.Pay : Does.Ask,
        "down" => Random.Next(3) == 0 ? Does.Pay : Does.Err,
        _ => (Does)Random.Next(6),
    };

    private void Await(Charge charge, ChargeRequest request)
    {
        var expiresAt = request.ExpiresAt ?? world.Now + Duration.FromHours(1);
        charge.Status = ChargeStatus.AwaitingCustomer;
        charge.IsCustomersAct = true;
        charge.Action = new NextAction("https://gateway.invalid/", null, null, null, expiresAt);
        var fate = Random.Next(10);
        if (fate < 5)
        {
            var at = Some(Duration.FromSeconds(5), Duration.FromMinutes(50));
            world.After(at, "customer", () =>
            {
                if (charge.Status == ChargeStatus.AwaitingCustomer && world.Now < expiresAt) Settle(charge, pays: true);
            });
        }

        world.After(expiresAt - world.Now, "window", () =>
        {
            if (charge.Status != ChargeStatus.AwaitingCustomer) return;
            End(charge, ChargeStatus.Declined, "expired");
            Tell(charge, ReportOf(charge), isCertain: false);
            // Coins that come late, and short.
            if (fate == 9 && request.Kind == MethodKind.Crypto) world.After(Some(Duration.FromMinutes(1), Duration.FromHours(9)), "late coins", () =>
            {
                if (TakesNoMoney) return;
                Capture(charge, 1 + Random.NextInt64(charge.Asked.MinorUnits));
                Tell(charge, ReportOf(charge), isCertain: true);
            });
        });
    }

    private void Settle(Charge charge, bool pays)
    {
        if (charge.Status is not (ChargeStatus.Processing or ChargeStatus.AwaitingCustomer)) return;
        if (pays && !TakesNoMoney) Capture(charge, charge.Asked.MinorUnits);
        else End(charge, ChargeStatus.Declined, "payment_failed");
        world.Note($"gateway: {charge}");
        Tell(charge, ReportOf(charge), isCertain: false);
    }

    private void Capture(Charge charge, long amount)
    {
        charge.Captured = amount;
        End(charge, ChargeStatus.Succeeded, null);
    }

    private void End(Charge charge, ChargeStatus status, string? code) => (charge.Status, charge.Code, charge.At, charge.Action) = (status, code, world.Now, null);

    private ChargeAnswer Read(ChargeRequest request)
    {
        if (_charges.TryGetValue(request.Key, out var charge)) return charge.Answer;
        if (closesKeys) _closed.Add(request.Key);
        return new ChargeAnswer(world.Mutation.SaysAbsentIsDeclined ? ChargeStatus.Declined : ChargeStatus.NotFound, Code: "not_found");
    }

    private ChargeAnswer Cancel(ChargeRequest request)
    {
        if (!_charges.TryGetValue(request.Key, out var charge))
        {
            _closed.Add(request.Key);
            return new ChargeAnswer(ChargeStatus.Cancelled);
        }

        if (charge.Status == ChargeStatus.AwaitingCustomer) End(charge, ChargeStatus.Cancelled, "cancelled");
        return charge.Status is ChargeStatus.Declined or ChargeStatus.AuthenticationRequired ? charge.Answer with { Status = ChargeStatus.Cancelled } : charge.Answer;
    }

    private RefundAnswer Refund(RefundRequest request)
    {
        if (_refunds.TryGetValue(request.Key, out var known)) return known;
        if (!IsCalm && Random.Next(5) == 0) return new RefundAnswer(ChargeStatus.Error);
        var charge = Charges.Find(charge => string.Equals(charge.Reference, request.Charge, StringComparison.Ordinal));
        if (charge is null || charge.Left < request.Amount.MinorUnits || charge.IsDisputed) return _refunds[request.Key] = new RefundAnswer(ChargeStatus.Declined, Code: "charge_not_refundable");
        charge.Refunded += request.Amount.MinorUnits;
        return _refunds[request.Key] = new RefundAnswer(ChargeStatus.Succeeded, "re-" + request.Key);
    }

    private GatewayReported ReportOf(Charge charge) => new(
        $"evt-{++_events}", charge.Ordinal, OutcomeOf(charge.Status), charge.Reference, charge.Status == ChargeStatus.Succeeded ? new Money(charge.Captured, charge.Asked.Currency) : null, charge.Code, charge.At);

    private static AttemptOutcome OutcomeOf(ChargeStatus status) => status switch
    {
        ChargeStatus.Succeeded => AttemptOutcome.Succeeded,
        ChargeStatus.AwaitingCustomer => AttemptOutcome.AwaitingCustomer,
        ChargeStatus.Cancelled => AttemptOutcome.Cancelled,
        ChargeStatus.Processing => AttemptOutcome.Processing,
        _ => AttemptOutcome.Declined,
    };

    private void Tell(Charge charge, Message message, bool isCertain)
    {
        var times = IsCalm ? 1 : Random.Next(3) + (isCertain ? 1 : 0);
        for (var i = 0; i < times; i++)
        {
            var delay = Random.Next(4) switch { 0 => Duration.Zero, 1 => Some(Duration.Zero, Duration.FromMinutes(1)), 2 => Some(Duration.Zero, Duration.FromHours(3)), _ => Some(Duration.Zero, Duration.FromDays(2)) };
            UnderWay++;
            world.After(IsCalm ? Duration.Zero : delay, "webhook", () => Deliver(charge, message));
        }
    }

    /// <summary>Until it is taken: whoever cannot record it durably says no, and hears it again.</summary>
    private void Deliver(Charge charge, Message message)
    {
        world.Note($"webhook about {charge.Key}: {message}");
        var again = Some(Duration.FromMinutes(1), Duration.FromMinutes(30));
        world.Ask(
            $"webhook {charge.Key}",
            () => world.Process.Grains.Payment(charge.Payment).Execute(new Call(message, world.Now)),
            reply =>
            {
                if (reply is Done) UnderWay--;
                else world.After(again, "webhook", () => Deliver(charge, message));
            });
    }

    private Duration Some(Duration from, Duration to) => from + Duration.FromMilliseconds(Random.NextInt64((long)(to - from).TotalMilliseconds));

    private enum Does
    {
        Pay,
        Decline,
        DeclineHard,
        Wait,
        Ask,
        Err,
    }
}
