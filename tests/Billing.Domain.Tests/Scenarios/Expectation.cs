using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>What a step of a scenario expects, compared with what anyone would be answered.</summary>
internal sealed class Expectation(World world, Instant start)
{
    public void Check(JsonObject expected)
    {
        foreach (var (key, value) in expected) Check(key, value);
    }

    private void Check(string key, JsonNode? value)
    {
        var view = world.View();
        switch (key)
        {
            case "standing":
                Same(key, value, view.Standing.Name);
                break;
            case "amount_due":
                Same(key, value, view.AmountDue.MinorUnits);
                break;
            case "amount_unpaid":
                Same(key, value, view.AmountUnpaid.MinorUnits);
                break;
            case "credit":
                Same(key, value, view.Prepayment.MinorUnits);
                break;
            case "banner":
                Same(key, value, view.Banner);
                break;
            case "next":
                Same(key, Step(value), Show(view.Next));
                break;
            case "gate":
                foreach (var (operation, allowed) in value!.AsObject()) Same($"gate {operation}", allowed, world.Gate(operation).Allowed);
                break;
            case "gate_answer":
                foreach (var (operation, answer) in value!.AsObject()) CheckAnswer(operation, answer!.AsObject());
                break;
            case "invoices":
                foreach (var (id, fields) in value!.AsObject()) CheckInvoice(id, fields!.AsObject());
                break;
            case "timeline":
                Same(key, string.Join(", ", value!.AsArray().Select(entry => $"{Days.Parse(Text(entry![0]), start)} {Text(entry[1])}")),
                    string.Join(", ", world.Timeline().Select(entry => $"{entry.At} {entry.Standing}")));
                break;
            case "charges":
                foreach (var (field, number) in value!.AsObject()) Same($"charges.{field}", number, CountCharges(field));
                break;
            case "events":
                foreach (var (type, number) in value!.AsObject()) Same($"events {type}", number, world.Events.Count(e => e.Type == type));
                break;
            default:
                throw new NotSupportedException($"No such expectation: {key}.");
        }
    }

    private void CheckAnswer(string operation, JsonObject expected)
    {
        var answer = world.Gate(operation, expected["?context"]?.GetValue<string>());
        foreach (var (field, value) in expected.Where(property => !property.Key.StartsWith('?')))
        {
            var what = $"gate {operation} {field}";
            switch (field)
            {
                case "blocking_invoices":
                    Same(what, string.Join(",", value!.AsArray().Select(Text)), string.Join(",", answer.Blockers.SelectMany(blocker => blocker.Invoices).Select(invoice => invoice.Id)));
                    break;
                case "amount_unpaid":
                    Same(what, value, answer.AmountUnpaid.MinorUnits);
                    break;
                case "amount_to_clear":
                    Same(what, value, answer.AmountToClear.MinorUnits);
                    break;
                case "redirect":
                    Same(what, value, answer.Redirect);
                    break;
                case "next":
                    Same(what, Step(value), Show(answer.Next));
                    break;
                default:
                    Same(what, value, field switch
                    {
                        "standing" => answer.Standing,
                        "message" => answer.Message,
                        "context_message" => answer.ContextMessage,
                        "code" => answer.Code,
                        "banner" => answer.Banner,
                        _ => throw new NotSupportedException($"No such field of an answer: {field}."),
                    });
                    break;
            }
        }
    }

    private void CheckInvoice(string id, JsonObject expected)
    {
        var invoice = world.Invoice(id);
        foreach (var (field, value) in expected)
        {
            var what = $"{id}.{field}";
            switch (field)
            {
                case "status":
                    Same(what, value, invoice.Status.ToString().ToLowerInvariant());
                    break;
                case "display_status":
                    var shown = invoice.Status == InvoiceStatus.Open ? world.Now < invoice.DueAt ? "pending" : "overdue" : invoice.Status.ToString().ToLowerInvariant();
                    Same(what, value, shown);
                    break;
                case "amount_due":
                    Same(what, value, invoice.Due!.Value.MinorUnits);
                    break;
                case "amount_paid":
                    Same(what, value, invoice.Payments.Sum(part => part.Amount.MinorUnits));
                    break;
                case "total":
                    Same(what, value, invoice.Total!.Value.MinorUnits);
                    break;
                case "attempts":
                    Same(what, value, invoice.Attempts.Length);
                    break;
                case "ladder":
                    Same(what, string.Join(",", value!.AsArray().Select(Text)), string.Join(",", invoice.Ladder.Select(rung => rung.Result.ToString().ToLowerInvariant())));
                    break;
                case "next_attempt_at":
                    Same(what, value is null ? null : Days.Parse(Text(value), start).ToString(), InvoiceRules.Due(invoice)?.ToString());
                    break;
                case "settled_by":
                    Same(what, value, invoice.SettledBy is not null);
                    break;
                default:
                    throw new NotSupportedException($"No such field of an invoice: {field}.");
            }
        }
    }

    private long CountCharges(string field)
    {
        var captured = world.Gateway.Charges.Where(charge => charge.Outcome == AttemptOutcome.Succeeded).ToArray();
        return field switch
        {
            "total" => world.Gateway.Charges.Count,
            "succeeded" => captured.Length,
            "captured" => captured.Sum(charge => charge.Amount.MinorUnits),
            _ => throw new NotSupportedException($"No such count of charges: {field}."),
        };
    }

    private string? Step(JsonNode? step) => step is null ? null : $"{Text(step["standing"])} at {Days.Parse(Text(step["at"]), start)}";

    private static string? Show(StandingStep? step) => step is null ? null : $"{step.Name} at {step.At}";

    private static string Text(JsonNode? node) => node!.GetValue<string>();

    private static void Same(string what, JsonNode? expected, object? got) => Same(what, expected?.ToString(), got switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => (string?)got,
    });

    private static void Same(string what, string? expected, string? got) => Assert.True(expected == got, $"{what}: expected '{expected}', got '{got}'");
}
