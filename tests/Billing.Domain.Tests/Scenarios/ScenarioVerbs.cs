using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>What a step of a scenario can do. The answers are those that a caller of the API would get.</summary>
internal sealed class ScenarioVerbs(World world, Instant start)
{
    private GatewayDisputed? _disputed;

    /// <summary>Does it, and says how it was refused.</summary>
    /// <exception cref="ScenarioBroken">There is nothing to do it to.</exception>
    public Refused? Do(string verb, JsonNode argument) => verb switch
    {
        "issue" => Issued(Text(argument, "id"), world.Put(Text(argument, "id"), ContentOf(argument), argument["draft"]?.GetValue<bool>() ?? false)),
        "finalize" => Issued(Text(argument), world.Tell(GrainKeys.Invoice(Text(argument)), new FinalizeInvoice(world.NextKey()))),
        "void" => OnOpen(Text(argument), world.Void),
        "write_off" => OnOpen(Text(argument), invoice => Account(new WriteOff(invoice, world.NextKey()))),
        "undo_write_off" => OnOpen(Text(argument), invoice => Account(new UndoWriteOff(invoice, world.NextKey()))),
        "adjust" => OnOpen(Text(argument, "invoice"), invoice => Account(new AdjustInvoice(invoice, Amount(argument), OrNull(argument, "reason") ?? "agreed", world.NextKey()))),
        "pay" => Paid(NotPayable(Text(argument, "invoice")) ?? Pay(argument, Text(argument, "invoice"))),
        "pay_all" => Paid(Pay(argument)),
        "received" => world.Receive(Text(argument, "reference"), argument["amount"]!.GetValue<long>(), OrNull(argument, "invoice"), At(argument, "received_at")) as Refused,
        "refund" => Refund(argument),
        "refund_credit" => Account(new RefundCredit(Amount(argument), world.NextKey())) as Refused,
        "reverse" => Reverse(argument),
        "settle" => Settle(argument),
        "again" => world.Tell(GrainKeys.Payment(ChargeOf(argument).Payment), ScriptedGateway.ReportOf(ChargeOf(argument))) as Refused,
        "dispute" => Dispute(argument),
        "resolve" => Resolve(argument),
        "credit" => Account(new GrantCredit(world.NextId("credit"), Word<CreditKind>(Text(argument, "kind")), Amount(argument), At(argument, "expires_at"), world.NextKey())) as Refused,
        "subscribe" => Account(new PutSubscription(Text(argument, "id"), OrNull(argument, "plan"), argument["amount"] is null ? null : Amount(argument), At(argument, "starts_at"))) as Refused,
        "cancel_subscription" => CancelSubscription(argument) as Refused,
        "charge" => Account(new AddCharge(world.NextId("charge"), OrNull(argument, "description") ?? "", Amount(argument), world.NextKey())) as Refused,
        "method" => PutMethod(argument) as Refused,
        "remove_method" => Account(new RemovePaymentMethod(Text(argument))) as Refused,
        "default_method" => Account(new MakeDefault(Text(argument), world.NextKey())) as Refused,
        "account" => Account(new PutAccount(
            [.. argument.AsObject().Select(field => field.Key)],
            new AccountProfile { Id = Some.Account, Currency = OrNull(argument, "currency") is { } currency ? Currency.Parse(currency) : null, TimeZone = OrNull(argument, "time_zone"), Emails = argument["emails"] is { } emails ? Texts(emails) : [] })) as Refused,
        "tags" => Account(new PutAccount(["tags"], new AccountProfile { Id = Some.Account, Tags = [.. Texts(argument)] })) as Refused,
        "controls" => Account(new PutControls(argument["enforcement_off"]?.GetValue<bool>(), argument["auto_pay_off"]?.GetValue<bool>())) as Refused,
        "extension" => Account(new Extend(At(argument, "until")!.Value, OrNull(argument, "reason") ?? "agreed", world.NextKey())) as Refused,
        "end_extension" => Account(new EndExtension()) as Refused,
        "move" => Account(new MoveEpisode(new PolicyRef(Some.PolicyId, argument["version"]!.GetValue<int>()), world.NextKey())) as Refused,
        "bounced" => Account(new NoticeBounced(NoticeOf(Text(argument)))) as Refused,
        "attest" => Account(new AttestNotice(NoticeOf(Text(argument)), "a letter", world.NextKey())) as Refused,
        "hold" => Account(new PutHold(Word<HoldCategory>(Text(argument, "category")), Texts(argument["deny"]!), OrNull(argument, "reason") ?? "test")) as Refused,
        "release" => Account(new ReleaseHold(Word<HoldCategory>(Text(argument)))) as Refused,
        "resource" => Account(new PutResource(Text(argument, "id"), OrNull(argument, "kind") ?? "vm", Word<ResourceState>(OrNull(argument, "state") ?? "running"), argument["depends_on"] is { } others ? Texts(others) : default)) as Refused,
        "acknowledge" => Account(new AcknowledgeOrder(Text(argument), OrderOf(Text(argument)), world.NextKey())) as Refused,
        "power_on" => Account(new PowerOn(Text(argument), world.NextKey())) as Refused,
        "policy" => world.PutPolicy(argument.ToJsonString()) as Refused,
        _ => throw new ScenarioBroken($"there is no verb {verb}"),
    };

    private Reply Account(Message message) => world.TellAccount(message);

    private Refused? Issued(string invoice, Reply reply) =>
        reply as Refused ?? (world.Invoice(invoice).Denied is { } denied ? new Refused(denied.Code, denied.Detail) : null);

    /// <summary>The account knows open invoices only; what became of any other is seen before it is asked.</summary>
    private Refused? OnOpen(string invoice, Func<string, Reply> command) => NotPayable(invoice) ?? command(invoice) as Refused;

    private Refused? NotPayable(string id) => world.Invoice(id) switch
    {
        { Account: null } => new Refused(Problems.NotFound, "There is no such invoice."),
        { Status: InvoiceStatus.Open or InvoiceStatus.WrittenOff } => null,
        { Status: InvoiceStatus.Cancelled } => new Refused(Problems.InvoiceCancelled, "It is cancelled."),
        { Status: var status } => new Refused(Problems.InvoiceNotPayable, $"It is {status}."),
    };

    /// <summary>With a <c>key</c> of its own the call may be made again; without one each is another.</summary>
    private Reply Pay(JsonNode argument, params string[] invoices) => argument["key"] is { } key
        ? world.Pay(OrNull(argument, "method"), Some.Key(Text(key), argument.ToJsonString()), invoices)
        : argument["one_off"] is { } oneOff
        ? world.PayWith(ScriptOf(oneOff), new MethodCandidate(null, "sandbox", "", KindOf(oneOff), OrNull(oneOff, "fingerprint"), OrNull(oneOff, "network"), OrNull(oneOff, "funding")), invoices)
        : world.Pay(OrNull(argument, "method"), invoices);

    private Refused? Paid(Reply reply)
    {
        if (reply is not Done { Id: { } id }) return reply as Refused;
        return world.Payment(id) switch
        {
            { FailedByError: true } => new Refused(Problems.Unavailable, "The gateway did nothing."),
            // It was never submitted: the payment for which it had to wait has paid, or goes on.
            { Attempts.IsEmpty: true, Status: PaymentStatus.Cancelled or PaymentStatus.Failed } payment =>
                payment.Start!.Invoices.Any(IsDue) ? new Refused(Problems.PaymentInFlight, "Another payment is under way.") : null,
            { Status: PaymentStatus.Failed } payment => new Refused(Problems.PaymentDeclined, $"The payment was declined: {payment.Newest?.Code}."),
            _ => null,
        };
    }

    private bool IsDue(string invoice) => world.Account().Invoices.Find(invoice) is not null;

    private Refused? Refund(JsonNode argument)
    {
        var refund = world.Refund(PaymentOf(argument), argument["amount"]?.GetValue<long>(), argument["reopen"]?.GetValue<bool>() ?? false, out var reply, OrNull(argument, "part"), OrNull(argument, "sent"));
        return reply as Refused ?? (refund switch
        {
            null => throw new ScenarioBroken($"{PaymentOf(argument)} took the refund and has none"),
            { Status: RefundStatus.Refused or RefundStatus.Failed } => refund.Refusal ?? new Refused(Problems.RefundsRefused, "The gateway will not send it."),
            _ => null,
        });
    }

    /// <summary>An operator records it; where a gateway moved the money, its ledger shows it as well.</summary>
    private Refused? Reverse(JsonNode argument)
    {
        var payment = PaymentOf(argument);
        var refused = world.Tell(GrainKeys.Payment(payment), new ReversePayment(argument["amount"] is null ? null : Amount(argument), OrNull(argument, "reason") ?? "returned", world.NextKey())) as Refused;
        if (refused is null && world.Gateway.Charges.Find(charge => charge.Payment == payment && charge.Left > 0) is { } charge) world.Gateway.Dispute(charge, DisputeOutcome.Lost, world.Now, argument["amount"]?.GetValue<long>());
        return refused;
    }

    /// <summary>Money received under a reference, or the last payment of an invoice.</summary>
    private string PaymentOf(JsonNode argument)
    {
        if (OrNull(argument, "reference") is { } reference) return $"{Some.Account}~received~{reference}";
        if (argument["charge"] is not null) return ChargeOf(argument).Payment;
        var paid = world.Invoice(Text(argument, "invoice")).Payments.LastOrDefault(part => part.Amount.IsPositive);
        return paid?.Payment ?? throw new ScenarioBroken($"{Text(argument, "invoice")} has no payment");
    }

    private Refused? Dispute(JsonNode argument)
    {
        var charge = argument["charge"] is null ? LastCharge("to dispute", "succeeded", "disputed") : ChargeOf(argument);
        if (argument["again"] is not null) return world.Tell(GrainKeys.Payment(charge.Payment), _disputed!) as Refused;
        var outcome = Word<DisputeOutcome>(Text(argument, "outcome"));
        _disputed = world.Gateway.Dispute(charge, outcome, world.Now, argument["amount"]?.GetValue<long>());
        return _disputed is null
            ? new Refused(Problems.InvalidRequest, $"A dispute cannot be {outcome} for a charge that is {charge.Status}.")
            : world.Tell(GrainKeys.Payment(charge.Payment), _disputed) as Refused;
    }

    private Refused? Resolve(JsonNode argument) => world.Tell(
        GrainKeys.Payment(world.Account().Invoices.Find(Text(argument, "invoice"))?.ReservedBy ?? throw new ScenarioBroken("no payment has the invoice reserved")),
        new ResolvePayment(Word<AttemptOutcome>(Text(argument, "outcome")), "the gateway's own pages", world.NextKey())) as Refused;

    private Reply CancelSubscription(JsonNode argument) => Account(
        argument is JsonObject fields ? new CancelSubscription(Text(fields, "id"), fields["void_open"]?.GetValue<bool>() ?? false, world.NextKey()) : new CancelSubscription(Text(argument), VoidOpen: false, world.NextKey()));

    /// <summary>The newest notice of that name that a step waits for.</summary>
    private string NoticeOf(string name) =>
        world.Account().Notices.LastOrDefault(notice => notice.Notice == name)?.Id ?? throw new ScenarioBroken($"no step waits for a notice {name}");

    private Refused? Settle(JsonNode argument)
    {
        var outcome = Text(argument, "outcome");
        var charge = argument["charge"] is null ? LastCharge("that is processing", "processing") : ChargeOf(argument);
        if (argument["amount"] is not null) charge = world.Gateway.Correct(charge, argument["currency"] is { } currency ? new Money(argument["amount"]!.GetValue<long>(), Currency.Parse(Text(currency))) : Amount(argument));
        var code = outcome.StartsWith("decline:", StringComparison.Ordinal) ? outcome["decline:".Length..] : null;
        if (code is null && outcome != "ok") throw new ScenarioBroken($"there is no outcome {outcome}");
        return world.Settle(charge, code is null ? AttemptOutcome.Succeeded : AttemptOutcome.Declined, code) as Refused;
    }

    private Charge LastCharge(string what, params string[] statuses) =>
        world.Gateway.Charges.LastOrDefault(charge => statuses.Contains(charge.Status, StringComparer.Ordinal)) ?? throw new ScenarioBroken($"there is no charge {what}");

    /// <summary>A charge by its place in the ledger, from 1.</summary>
    private Charge ChargeOf(JsonNode argument)
    {
        var n = argument["charge"]!.GetValue<int>();
        return n <= world.Gateway.Charges.Count ? world.Gateway.Charges[n - 1] : throw new ScenarioBroken($"there is no charge {n}");
    }

    /// <summary>Put again under the same id, a method has the same token, unless the scenario names another; its script begins anew.</summary>
    private Reply PutMethod(JsonNode method)
    {
        var token = OrNull(method, "token") ?? $"tok-{Text(method, "id")}";
        world.Gateway.Script(token, ScriptOf(method));
        var put = Some.Method(Text(method, "id"), method["default"]?.GetValue<bool>(), token, KindOf(method));
        return Account(put with { Method = put.Method with { Fingerprint = OrNull(method, "fingerprint") ?? token, Network = OrNull(method, "network"), Funding = OrNull(method, "funding") } });
    }

    private InvoiceContent ContentOf(JsonNode invoice) => new()
    {
        Lines = invoice["lines"] is { } lines
            ? [.. lines.AsArray().Select(line => new InvoiceLine(Text(line!, "description"), line!["amount"]!.GetValue<long>(), line["quantity"]?.GetValue<long>()))]
            : [new InvoiceLine("work", invoice["amount"]!.GetValue<long>())],
        Collection = Word<Collection>(OrNull(invoice, "collection") ?? "automatic"),
        DueAt = At(invoice, "due_at"),
        Subscriptions = OrNull(invoice, "subscription") is { } subscription ? [subscription] : [],
    };

    /// <summary>The order that is open; else the one that was revoked, of which someone hears too late.</summary>
    private string OrderOf(string resource) => (world.View().Resources.Find(resource) ?? throw new ScenarioBroken($"there is no resource {resource}")) switch
    {
        { Order: { } order } => order.Id,
        { Revoked: { } revoked } => revoked.Id,
        _ => throw new ScenarioBroken($"resource {resource} has no order"),
    };

    private Money Amount(JsonNode argument) => world.InCurrency(argument["amount"]!.GetValue<long>());

    private Instant? At(JsonNode argument, string key) => OrNull(argument, key) is { } at ? Days.Parse(at, start) : null;

    private static string[] ScriptOf(JsonNode method) => method["script"] is { } script ? [.. Texts(script)] : ["ok"];

    private static MethodKind KindOf(JsonNode method) => Word<MethodKind>(OrNull(method, "kind") ?? "card");

    private static T Word<T>(string word) where T : struct, Enum => Enum.Parse<T>(word.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    /// <summary>A list of words, or a single one.</summary>
    private static ImmutableArray<string> Texts(JsonNode words) => words is JsonArray list ? [.. list.Select(word => Text(word!))] : [Text(words)];

    private static string Text(JsonNode node) => node.GetValue<string>();

    private static string Text(JsonNode node, string key) => OrNull(node, key) ?? throw new ScenarioBroken($"{node.ToJsonString()} has no {key}");

    private static string? OrNull(JsonNode node, string key) => node[key]?.GetValue<string>();
}
