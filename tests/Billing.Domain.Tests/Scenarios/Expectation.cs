using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>What a step of a scenario expects, compared with what anyone would be answered. Instants are compared to the second.</summary>
internal sealed class Expectation(World world, Instant start)
{
    private readonly List<string> _broken = [];
    private readonly AccountView _view = world.View();

    /// <summary>Everything that is otherwise than expected, in words.</summary>
    public IReadOnlyList<string> Check(JsonObject expected)
    {
        foreach (var (key, value) in expected) Check(key, value);
        return _broken;
    }

    private void Check(string key, JsonNode? value)
    {
        switch (key)
        {
            case "standing":
                Same(key, value, _view.Standing.Name);
                break;
            case "amount_due":
                Same(key, value, _view.AmountDue.MinorUnits);
                break;
            case "amount_unpaid":
                Same(key, value, _view.AmountUnpaid.MinorUnits);
                break;
            case "credit":
                Same(key, value, _view.Prepayment.MinorUnits + _view.Promo.MinorUnits);
                break;
            case "banner":
                Same(key, value, _view.Banner);
                break;
            case "prepayment":
                Same(key, value, _view.Prepayment.MinorUnits);
                break;
            case "promo":
                Same(key, value, _view.Promo.MinorUnits);
                break;
            case "default_method":
                Same(key, value, _view.DefaultMethod);
                break;
            case "policy_version":
                Same(key, value, _view.Policy.Version);
                break;
            case "episode_since":
                SameInstant(key, value, _view.Episode?.Since);
                break;
            case "attention":
                Same(key, Listed(value!), string.Join(", ", world.Accounts.SelectMany(account => account.Attention).Concat(world.Payments.SelectMany(payment => payment.Attention)).Select(entry => entry.Kind)));
                break;
            case "orders":
                foreach (var (id, action) in value!.AsObject()) Same($"order of {id}", action, _view.Resources.Find(id)?.Order is { } order ? Snake(order.Action) : null);
                break;
            case "notices":
                foreach (var (name, number) in value!.AsObject()) Same($"notices {name}", number, world.Events.Count(e => e.Type == "notice.delivered" && e.Data["notice"]?.GetValue<string>() == name));
                break;
            case "charged":
                Same(key, Listed(value!), string.Join(", ", world.Gateway.Charges.Select(charge => $"{MethodOf(charge)} {charge.Amount.MinorUnits} {charge.Status}")));
                break;
            case "recorded":
                CheckRecorded(value!.AsArray());
                break;
            case "next":
                SameStep(key, value, _view.Next);
                break;
            case "gate":
                foreach (var (operation, allowed) in value!.AsObject()) Same($"gate {operation}", allowed, Gate(operation, null).Allowed);
                break;
            case "gate_answer":
                foreach (var (operation, answer) in value!.AsObject()) CheckAnswer(operation, answer!.AsObject());
                break;
            case "invoices":
                foreach (var (id, fields) in value!.AsObject()) CheckInvoice(id, fields!.AsObject());
                break;
            case "subscriptions":
                foreach (var (id, fields) in value!.AsObject()) CheckSubscription(id, fields!.AsObject());
                break;
            case "resources":
                foreach (var (id, state) in value!.AsObject()) Same($"resource {id}", state, _view.Resources.Find(id) is { } resource ? Snake(resource.State) : "none");
                break;
            case "timeline":
                CheckTimeline(value!.AsArray());
                break;
            case "charges":
                foreach (var (field, number) in value!.AsObject()) Same($"charges.{field}", number, CountCharges(field));
                break;
            case "events":
                foreach (var (type, number) in value!.AsObject()) Same($"events {type}", number, world.Events.Count(e => e.Account == Some.Account && e.Type == type));
                break;
            default:
                throw new ScenarioBroken($"there is no expectation {key}");
        }
    }

    private GateAnswer Gate(string operation, string? context) =>
        world.Policies.KnowsOperation(operation) ? world.Gate(operation, context) : throw new ScenarioBroken($"no policy knows the operation {operation}");

    private void CheckAnswer(string operation, JsonObject expected)
    {
        var answer = Gate(operation, expected["?context"]?.GetValue<string>());
        foreach (var (field, value) in expected.Where(property => !property.Key.StartsWith('?')))
        {
            var what = $"gate {operation} {field}";
            switch (field)
            {
                case "blocking_invoices":
                    Same(what, Sorted(value!.AsArray().Select(Text)), Sorted(answer.Blockers.SelectMany(blocker => blocker.Invoices).Select(invoice => invoice.Id)));
                    break;
                case "blockers":
                    Same(what, Listed(value!), string.Join(", ", answer.Blockers.Select(blocker => blocker.Category)));
                    break;
                case "next":
                    SameStep(what, value, answer.Next);
                    break;
                case "standing_since":
                    SameInstant(what, value, answer.StandingSince);
                    break;
                default:
                    Same(what, value, field switch
                    {
                        "allowed" => answer.Allowed,
                        "operation" => answer.Operation,
                        "standing" => answer.Standing,
                        "code" => answer.Code,
                        "message" => answer.Message,
                        "context_message" => answer.ContextMessage,
                        "amount_unpaid" => answer.AmountUnpaid.MinorUnits,
                        "amount_to_clear" => answer.AmountToClear.MinorUnits,
                        "currency" => answer.AmountUnpaid.Currency.Code,
                        "banner" => answer.Banner,
                        "redirect" => answer.Redirect,
                        "standing_version" => answer.StandingVersion,
                        _ => throw new ScenarioBroken($"there is no field {field} of an answer"),
                    });
                    break;
            }
        }
    }

    private void CheckInvoice(string id, JsonObject expected)
    {
        var invoice = world.Invoice(id);
        if (invoice.Account is null)
        {
            _broken.Add($"there is no invoice {id}");
            return;
        }

        foreach (var (field, value) in expected)
        {
            var what = $"{id}.{field}";
            switch (field)
            {
                case "due_at":
                    SameInstant(what, value, invoice.DueAt ?? invoice.Content?.DueAt);
                    break;
                case "unpaid_since":
                    SameInstant(what, value, invoice.UnpaidSince);
                    break;
                case "next_attempt_at":
                    SameInstant(what, value, InvoiceRules.Due(invoice));
                    break;
                case "ladder_at":
                    Same(what, string.Join(", ", value!.AsArray().Select(at => Show(Days.Parse(Text(at), start)))), string.Join(", ", invoice.Ladder.Select(rung => Show(rung.At))));
                    break;
                case "tried":
                    Same(what, Listed(value!), string.Join(", ", invoice.Attempts.Select(attempt => $"{attempt.Method ?? "one_off"} {Snake(attempt.Outcome)}")));
                    break;
                case "tried_at":
                    Same(what, string.Join(", ", value!.AsArray().Select(at => Show(Days.Parse(Text(at), start)))), string.Join(", ", invoice.Attempts.Select(attempt => Show(attempt.At))));
                    break;
                case "settles":
                    Same(what, Listed(value!), string.Join(", ", invoice.Settles.Select(settled => $"{settled.Invoice} {settled.AmountDue.MinorUnits}")));
                    break;
                case "credit_notes":
                    Same(what, Listed(value!), string.Join(", ", invoice.CreditNotes.Select(note => $"{note.Number} {note.Amount.MinorUnits}")));
                    break;
                case "lines":
                    Same(what, Listed(value!), string.Join(", ", (invoice.Content?.Lines ?? []).Select(line => $"{line.Description} {line.Amount}")));
                    break;
                case "ladder":
                    Same(what, string.Join(",", value!.AsArray().Select(Text)), string.Join(",", invoice.Ladder.Select(rung => Snake(rung.Result))));
                    break;
                default:
                    Same(what, value, field switch
                    {
                        "status" => Snake(invoice.Status),
                        "display_status" => invoice.Status != InvoiceStatus.Open ? Snake(invoice.Status) : world.Now < invoice.DueAt ? "pending" : "overdue",
                        "kind" => invoice.IsBalance ? "balance" : "standard",
                        "number" => invoice.Number,
                        "amount_due" => invoice.Status == InvoiceStatus.Draft ? 0 : invoice.Due?.MinorUnits ?? 0,
                        "amount_paid" => invoice.Paid?.MinorUnits ?? invoice.Payments.Sum(part => part.Amount.MinorUnits),
                        "total" => invoice.Total!.Value.MinorUnits,
                        "tax" => invoice.Tax?.MinorUnits ?? 0,
                        "attempts" => invoice.Attempts.Length,
                        "settled_by" => invoice.SettledBy is not null,
                        "superseded" => invoice.SupersededBy is not null,
                        "due_again" => invoice.IsDueAgain,
                        _ => throw new ScenarioBroken($"there is no field {field} of an invoice"),
                    });
                    break;
            }
        }
    }

    private void CheckSubscription(string id, JsonObject expected)
    {
        if (_view.Subscriptions.FirstOrDefault(subscription => subscription.Id == id) is not { } subscription)
        {
            _broken.Add($"there is no subscription {id}");
            return;
        }

        foreach (var (field, value) in expected)
        {
            var what = $"{id}.{field}";
            switch (field)
            {
                case "next_billing_at":
                    SameInstant(what, value, subscription.NextBillingAt);
                    break;
                case "current_period_end":
                    SameInstant(what, value, subscription.CurrentPeriodEnd);
                    break;
                default:
                    Same(what, value, field switch
                    {
                        "status" => Snake(subscription.Status),
                        "plan" => subscription.Plan,
                        "amount" => subscription.Amount.MinorUnits,
                        _ => throw new ScenarioBroken($"there is no field {field} of a subscription"),
                    });
                    break;
            }
        }
    }

    /// <summary>Every change of standing; that the account began good is none.</summary>
    private void CheckTimeline(JsonArray expected)
    {
        var got = world.Timeline().Select(entry => $"{entry.Standing} at {Show(entry.At)}").ToImmutableArray();
        if (!got.IsEmpty && got[0] == $"{StandingRecord.Good} at {Show(start)}") got = got.RemoveAt(0);
        Same("timeline", string.Join(", ", expected.Select(entry => $"{Text(entry![1])} at {Show(Days.Parse(Text(entry[0]), start))}")), string.Join(", ", got));
    }

    /// <summary>Every change of standing: the standing, its effective instant, and when it was recorded.</summary>
    private void CheckRecorded(JsonArray expected) => Same(
        "recorded",
        string.Join(", ", expected.Select(entry => $"{Text(entry![0])} at {Show(Days.Parse(Text(entry[1]), start))}, known {Show(Days.Parse(Text(entry[2]), start))}")),
        string.Join(", ", world.Events.Where(e => e.Type == "standing.changed").Select(e => $"{e.Data["standing"]!.GetValue<string>()} at {Show(e.EffectiveAt)}, known {Show(world.RecordedAt[e])}")));

    private string MethodOf(Charge charge) => world.Payment(charge.Payment).Attempts[charge.Ordinal - 1].Candidate.Method ?? "one_off";

    private long CountCharges(string field)
    {
        var succeeded = world.Gateway.Charges.Where(charge => charge.Status == "succeeded").ToArray();
        return field switch
        {
            "total" => world.Gateway.Charges.Count,
            "succeeded" => succeeded.Length,
            "captured" => succeeded.Sum(charge => charge.Amount.MinorUnits),
            _ => throw new ScenarioBroken($"there is no count {field} of charges"),
        };
    }

    private void SameStep(string what, JsonNode? expected, StandingStep? got)
    {
        if (expected is null) Same(what, null, got is null ? null : $"{got.Name} at {Show(got.At)}");
        else if (expected["standing"] is { } standing) Same($"{what}.standing", standing, got?.Name);
        if (expected?["at"] is { } at) SameInstant($"{what}.at", at, got?.At);
    }

    private void SameInstant(string what, JsonNode? expected, Instant? got) =>
        Same(what, expected is null ? null : Show(Days.Parse(Text(expected), start)), got is { } instant ? Show(instant) : null);

    private void Same(string what, JsonNode? expected, object? got) => Same(what, expected?.ToString(), got switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => (string?)got,
    });

    private void Same(string what, string? expected, string? got)
    {
        if (expected != got) _broken.Add($"{what}: expected {Quoted(expected)}, got {Quoted(got)}");
    }

    private static string Listed(JsonNode list) => string.Join(", ", list.AsArray().Select(Text));

    private static string Quoted(string? text) => text is null ? "nothing" : $"'{text}'";

    private static string Show(Instant instant) => instant.ToString("uuuu'-'MM'-'dd'T'HH':'mm':'ss'Z'", CultureInfo.InvariantCulture);

    private static string Snake<T>(T word) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString());

    private static string Sorted(IEnumerable<string> words) => string.Join(",", words.Order(StringComparer.Ordinal));

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
