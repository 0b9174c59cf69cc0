using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>A dated timeline read as data, played in a world. <c>README.md</c> beside the files says how they read.</summary>
internal sealed class Scenario(JsonObject json)
{
    private World _world = null!;
    private Instant _start;

    public string Name => json["name"]!.GetValue<string>();

    /// <summary>Every scenario of a file.</summary>
    public static IEnumerable<Scenario> In(string file) =>
        JsonNode.Parse(File.ReadAllText(file))!["scenarios"]!.AsArray().Select(scenario => new Scenario(scenario!.AsObject()));

    /// <summary>Plays every step and checks what it expects.</summary>
    /// <param name="clock">The account's test clock; without one each grain is woken as in real time.</param>
    public void Play(string? clock)
    {
        _start = Days.Parse(json["start"]!.GetValue<string>(), default);
        _world = new World(Policies(), _start);
        var account = json["account"]?.AsObject() ?? [];
        var profile = Some.Profile(clock: clock);
        var fields = profile.Fields with
        {
            Tags = [.. account["tags"]?.AsArray().Select(tag => tag!.GetValue<string>()) ?? []],
            TaxRate = account["tax_rate"] is { } rate ? decimal.Parse(rate.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture) : null,
            TimeZone = account["time_zone"]?.GetValue<string>(),
        };
        _world.Accept(_world.TellAccount(new PutAccount([.. profile.Given, "tax_rate", "time_zone"], fields)));
        foreach (var method in account["methods"]?.AsArray() ?? []) _world.Accept(PutMethod(method!.AsObject()));
        var number = 0;
        foreach (var step in json["steps"]!.AsArray())
        {
            var at = step!["at"]!.GetValue<string>();
            Try($"{Name}, step {++number} at {at}", () => Step(step.AsObject(), Days.Parse(at, _start)));
        }
    }

    private void Step(JsonObject step, Instant at)
    {
        _world.AdvanceTo(Instant.Max(at, _world.Now));
        foreach (var (verb, argument) in step.Where(property => property.Key is not ("at" or "expect" or "refused" or "note")))
        {
            var outcome = Do(verb, argument!);
            if (step["refused"] is { } refused) Assert.Equal(refused["code"]!.GetValue<string>(), outcome);
            else Assert.Null(outcome);
            _world.AdvanceTo(_world.Now);
        }

        if (step["expect"] is JsonObject expected) new Expectation(_world, _start).Check(expected);
    }

    /// <summary>Does it, and says with which code it was refused.</summary>
    private string? Do(string verb, JsonNode argument) => verb switch
    {
        "issue" => Code(_world.Put(Text(argument, "id")!, ContentOf(argument), argument["draft"]?.GetValue<bool>() ?? false)),
        "finalize" => Code(_world.Tell(GrainKeys.Invoice(argument.GetValue<string>()), new FinalizeInvoice(null))),
        "void" => Code(_world.Void(argument.GetValue<string>())),
        "pay" => Paid(Pay(argument, Text(argument, "invoice")!)),
        "pay_all" => Paid(Pay(argument)),
        "method" => Code(PutMethod(argument.AsObject())),
        "remove_method" => Code(_world.TellAccount(new RemovePaymentMethod(argument.GetValue<string>()))),
        "default_method" => Code(_world.TellAccount(new MakeDefault(argument.GetValue<string>(), null))),
        "tags" => Code(_world.TellAccount(new PutAccount(["tags"], new AccountProfile { Id = Some.Account, Tags = [.. argument.AsArray().Select(tag => tag!.GetValue<string>())] }))),
        "settle" => Settle(argument["outcome"]!.GetValue<string>()),
        _ => throw new NotSupportedException($"No such verb: {verb}."),
    };

    private Reply Pay(JsonNode argument, params string[] invoices) => argument["one_off"] is { } oneOff
        ? _world.PayWith(oneOff["script"]?[0]?.GetValue<string>() ?? "ok", invoices)
        : _world.Pay(Text(argument, "method"), invoices);

    private string? Paid(Reply reply)
    {
        if (reply is not Done { Id: { } id }) return Code(reply);
        return _world.Payment(id) switch
        {
            { FailedByError: true } => Problems.Unavailable,
            { Status: PaymentStatus.Failed } => Problems.PaymentDeclined,
            _ => null,
        };
    }

    private string? Settle(string outcome)
    {
        var charge = _world.Gateway.Charges.Last(charge => charge.Outcome == AttemptOutcome.Processing);
        var (payment, report) = _world.Gateway.Settle(charge, outcome == "succeeded" ? AttemptOutcome.Succeeded : AttemptOutcome.Declined, _world.Now);
        return Code(_world.Tell(GrainKeys.Payment(payment), report));
    }

    private Reply PutMethod(JsonObject method) => _world.PutMethod(
        Text(method, "id")!, [.. method["script"]?.AsArray().Select(step => step!.GetValue<string>()) ?? ["ok"]], method["default"]?.GetValue<bool>(),
        Text(method, "kind") == "bank" ? MethodKind.Bank : MethodKind.Card);

    private InvoiceContent ContentOf(JsonNode invoice) => Some.Content(
        invoice["amount"]!.GetValue<long>(), Text(invoice, "collection") == "manual" ? Collection.Manual : Collection.Automatic,
        Text(invoice, "due_at") is { } due ? Days.Parse(due, _start) : null);

    private PolicyBook Policies()
    {
        if (json["policy"] is JsonObject document) return Some.Book(document.ToJsonString());
        var name = json["policy"]!.GetValue<string>();
        var shipped = JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "policies", $"{name}.json")));
        return PolicyBook.Empty.With(Some.PolicyId, [Reading.Valid(PolicyDocument.Parse(shipped, name))]);
    }

    private static string? Code(Reply reply) => (reply as Refused)?.Code;

    private static string? Text(JsonNode node, string key) => node[key]?.GetValue<string>();

    private static void Try(string where, Action step)
    {
        try
        {
            step();
        }
        catch (Exception failure) when (failure is not NotSupportedException)
        {
            throw new InvalidOperationException($"{where}: {failure.Message}", failure);
        }
    }
}
