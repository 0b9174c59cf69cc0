using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>A dated timeline read as data, played in a world. <c>README.md</c> beside the files says how they read.</summary>
internal sealed class Scenario(ScenarioDocument document)
{
    private readonly Instant _start = document.Start;
    private World _world = null!;
    private ScenarioVerbs _verbs = null!;

    public string Name => document.Name;

    /// <summary>The page, the chapter and the first words of the rule that it shows.</summary>
    public string? Source => document.Source;

    /// <summary><c>clock</c> or <c>real</c>, where the story has a meaning in one of them alone.</summary>
    public string? Only => document.Only;

    /// <summary>Every scenario of a file.</summary>
    public static IEnumerable<Scenario> In(string file) => ScenarioDocument.In(file).Select(document => new Scenario(document));

    /// <summary>Plays every step and checks what it expects.</summary>
    /// <param name="clock">The account's test clock; without one each grain is woken as in real time.</param>
    /// <param name="trace">Takes a line for each step and each decision.</param>
    /// <exception cref="ScenarioBroken">A step does not hold.</exception>
    public void Play(string? clock, Action<string>? trace = null)
    {
        Try("before the first step", () => Prepare(clock, trace));
        var number = 0;
        foreach (var step in document.Steps)
        {
            var at = step["at"]!.GetValue<string>();
            number++;
            trace?.Invoke($"-- step {number} {Said.By(step)}");
            Try($"step {number} at {at}", () => Step(step, Days.Parse(at, _start)));
        }
    }

    private void Prepare(string? clock, Action<string>? trace)
    {
        _world = new World(Policies(), _start) { Trace = trace };
        _verbs = new ScenarioVerbs(_world, _start);
        var account = document.Account;
        var profile = Some.Profile(clock: clock);
        var fields = profile.Fields with
        {
            Currency = Currency.Parse(account["currency"]?.GetValue<string>() ?? "USD"),
            Tags = [.. account["tags"]?.AsArray().Select(tag => tag!.GetValue<string>()) ?? []],
            TaxRate = account["tax_rate"] is { } rate ? decimal.Parse(rate.GetValue<string>(), CultureInfo.InvariantCulture) : null,
            TimeZone = account["time_zone"]?.GetValue<string>(),
        };
        _world.Accept(_world.TellAccount(new PutAccount([.. profile.Given, "tax_rate", "time_zone"], fields)));
        foreach (var method in account["methods"]?.AsArray() ?? []) _verbs.Do("method", method!);
    }

    private void Step(JsonObject step, Instant at)
    {
        if (step["asleep"] is not null) _world.SleepUntil(Instant.Max(at, _world.Now));
        else _world.AdvanceTo(Instant.Max(at, _world.Now));
        foreach (var (verb, argument) in step.Where(property => property.Key is not ("at" or "expect" or "refused" or "note" or "asleep")))
        {
            Judge(verb, _verbs.Do(verb, argument!), step["refused"]);
            _world.AdvanceTo(_world.Now);
        }

        var broken = (step["expect"] is JsonObject expected ? new Expectation(_world, _start).Check(expected) : []).Concat(_world.Differences()).ToArray();
        if (broken.Length > 0) throw new ScenarioBroken(string.Join("; ", broken));
    }

    private static void Judge(string verb, Refused? outcome, JsonNode? refused)
    {
        if (refused is null)
        {
            if (outcome is not null) throw new ScenarioBroken($"{verb} was refused with {outcome.Code}: {outcome.Detail}");
        }
        else if (outcome is null)
        {
            throw new ScenarioBroken($"{verb} should be refused with {refused.ToJsonString()}, and was not");
        }
        else if (refused["code"]?.GetValue<string>() is { } code && code != outcome.Code)
        {
            throw new ScenarioBroken($"{verb} refused: expected '{code}', got '{outcome.Code}' ({outcome.Detail})");
        }
    }

    private PolicyBook Policies()
    {
        var text = document.Policy?.ToJsonString() ?? File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "policies", $"{document.PolicyName}.json"));
        var reading = Some.PolicyReading(text);
        if (!reading.IsValid) throw new ScenarioBroken($"the policy is refused: {string.Join(" ", reading.Errors.Select(error => $"{error.Path}: {error.Message}"))}");
        return PolicyBook.Empty.With(Some.PolicyId, [reading.Policy]).With(Pulls.Assumed);
    }

    private static void Try(string where, Action step)
    {
        try
        {
            step();
        }
        catch (Exception failure)
        {
            throw new ScenarioBroken($"{where}: {Why(failure)}", failure);
        }
    }

    /// <summary>What is wrong; of a fault, rather than of an answer, also where.</summary>
    private static string Why(Exception failure)
    {
        if (failure is ScenarioBroken or Xunit.Sdk.XunitException or NotSupportedException) return failure.Message.ReplaceLineEndings(" ");
        var frame = new StackTrace(failure, fNeedFileInfo: true).GetFrames().FirstOrDefault(frame => frame.GetFileName() is not null);
        return $"{failure.GetType().Name}: {failure.Message.ReplaceLineEndings(" ")} ({Path.GetFileName(frame?.GetFileName())}:{frame?.GetFileLineNumber()})";
    }
}
