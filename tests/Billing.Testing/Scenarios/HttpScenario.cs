using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.Testing.Http;

namespace Billing.Testing.Scenarios;

/// <summary>Plays scenarios over HTTP, against a service that is running, on a test clock of each.</summary>
public static class HttpScenario
{
    private static readonly string[] OfAStep = ["at", "expect", "refused", "note"];
    private static readonly string[] OfAnAccount = ["currency", "methods", "tags", "tax_rate", "time_zone"];

    /// <summary>Whether all that a scenario does and expects can be done and seen over HTTP on a test clock.</summary>
    public static bool CanPlay(ScenarioDocument scenario) =>
        scenario is { Only: not "real", NotOverHttp: null }
        && scenario.Account.All(field => OfAnAccount.Contains(field.Key, StringComparer.Ordinal))
        && scenario.Steps.SelectMany(Verbs).All(verb => CanDo(verb.Key, verb.Value, scenario))
        && scenario.Steps.SelectMany(Expected).All(expected => HttpExpectation.CanAnswer(expected.Key, expected.Value));

    /// <summary>The verbs that have a call, and the expectations that the API can answer.</summary>
    public static IEnumerable<string> Words => HttpVerbs.Fields.Keys.Concat(HttpExpectation.Fields.Keys.Select(Expecting));

    /// <summary>The verbs and expectations that a scenario has.</summary>
    public static IEnumerable<string> WordsOf(ScenarioDocument scenario) =>
        scenario.Steps.SelectMany(step => Verbs(step).Select(verb => verb.Key).Concat(Expected(step).Select(expected => Expecting(expected.Key))));

    /// <summary>Plays every step and checks what it expects.</summary>
    /// <param name="scenario">One that can be played.</param>
    /// <param name="http">The service, with a key that may do everything.</param>
    /// <exception cref="ScenarioBroken">A step does not hold.</exception>
    public static async Task PlayAsync(ScenarioDocument scenario, HttpClient http)
    {
        var account = scenario.Policy is null ? new ScenarioAccount(http, scenario.Start) { Policy = scenario.PolicyName! } : new ScenarioAccount(http, scenario.Start);
        var verbs = new HttpVerbs(account);
        await TryAsync("before the first step", () => PrepareAsync(scenario, account, verbs));
        var number = 0;
        foreach (var step in scenario.Steps) await TryAsync($"step {++number} at {step["at"]} of {account.Account}", () => StepAsync(step, account, verbs));
        await TryAsync($"after the last step of {account.Account}", () => AgreeAsync(account));
    }

    private static string Expecting(string key) => $"expect {key}";

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Verbs(JsonObject step) => step.Where(property => !OfAStep.Contains(property.Key, StringComparer.Ordinal));

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Expected(JsonObject step) => step["expect"]?.AsObject() ?? [];

    private static bool CanDo(string verb, JsonNode? argument, ScenarioDocument scenario)
    {
        // A shipped policy is everybody's: nobody changes it.
        if (!HttpVerbs.Fields.TryGetValue(verb, out var fields) || (verb == "policy" && scenario.Policy is null)) return false;
        return fields is ["*"] || argument is not JsonObject given || given.All(field => fields.Contains(field.Key, StringComparer.Ordinal));
    }

    private static async Task PrepareAsync(ScenarioDocument scenario, ScenarioAccount account, HttpVerbs verbs)
    {
        if (scenario.Policy is { } policy) Judge("policy", await account.PutPolicyAsync(policy), refused: null);
        await account.MakeAsync($"/v1/test_clocks/{account.Clock}", new JsonObject { ["now"] = ScenarioAccount.Wire(scenario.Start) });
        var profile = scenario.Account.DeepClone().AsObject();
        profile.Remove("methods");
        profile.TryAdd("currency", "USD");
        profile["name"] = scenario.Name[..Math.Min(scenario.Name.Length, 100)];
        profile["emails"] = new JsonArray("owner@example.com");
        profile["policy"] = account.Policy;
        profile["test_clock"] = account.Clock;
        await account.MakeAsync(account.Path(), profile);
        foreach (var method in scenario.Account["methods"]?.AsArray() ?? []) Judge("method", await verbs.DoAsync("method", method!), refused: null);
    }

    private static async Task StepAsync(JsonObject step, ScenarioAccount account, HttpVerbs verbs)
    {
        var at = account.At(step["at"]!);
        if (at > account.Now) await account.AdvanceAsync(at);
        foreach (var (verb, argument) in Verbs(step))
        {
            Judge(verb, await verbs.DoAsync(verb, argument!), step["refused"]);
            await account.AdvanceAsync(account.Now);
        }

        if (step["expect"] is not JsonObject expected) return;
        var broken = await new HttpExpectation(account).CheckAsync(expected);
        if (broken.Count > 0) throw new ScenarioBroken(string.Join("; ", broken));
    }

    /// <summary>The gateway's ledger has the money that our payments have; of an unknown one nobody knows yet.</summary>
    private static async Task AgreeAsync(ScenarioAccount account)
    {
        var payments = (await account.ListAsync(account.Path("/payments"))).ToDictionary(payment => (string)payment["id"]!, StringComparer.Ordinal);
        foreach (var charges in (await account.ChargesAsync()).GroupBy(charge => (string)charge["payment"]!, StringComparer.Ordinal))
        {
            var payment = payments[charges.Key];
            if ((string?)payment["status"] == "unknown") continue;
            var captured = charges.Where(charge => (string?)charge["status"] is not ("processing" or "failed")).Sum(charge => (long)charge["amount"]!);
            var refunded = charges.Sum(charge => (long)charge["amount_refunded"]!);
            var (ours, sent) = ((long?)payment["captured"] ?? 0, (long)payment["refunded"]!);
            if ((captured, refunded) != (ours, sent)) throw new ScenarioBroken($"{charges.Key}: the gateway has captured {captured} and refunded {refunded}, we say {ours} and {sent}");
        }
    }

    private static void Judge(string verb, Answer answer, JsonNode? refused)
    {
        if (refused is null)
        {
            if (!answer.IsDone) throw new ScenarioBroken($"{verb} answered {answer}");
        }
        else if (answer.IsDone)
        {
            throw new ScenarioBroken($"{verb} should be refused with {refused.ToJsonString()}, and answered {answer}");
        }
        else if (refused["code"] is { } code && (string?)code != answer.Code || refused["status"] is { } status && (int)status != answer.Status)
        {
            throw new ScenarioBroken($"{verb} should be refused with {refused.ToJsonString()}, and was with {answer}");
        }
    }

    private static async Task TryAsync(string where, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception failure) when (failure is ScenarioBroken or TimeoutException or HttpRequestException or JsonException)
        {
            throw new ScenarioBroken($"{where}: {failure.Message}", failure);
        }
    }
}
