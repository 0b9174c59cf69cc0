using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>
/// Each condition as data (<c>Scenarios/conditions.json</c>): 1 ms before its instant, at it and after it; found 30 days late;
/// and after improving and worsening again. Under <c>late</c>, which has the condition, lie the <c>milder</c> standings of the story.
/// </summary>
public sealed class ConditionStoryTests
{
    public const string Table = "conditions.json";

    private static readonly JsonArray Stories = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Scenarios", Table)))!["conditions"]!.AsArray();

    public static TheoryData<string> All() => Named(_ => true);

    /// <summary>Those that only time makes true, or an attempt that is made whenever someone wakes.</summary>
    public static TheoryData<string> OfTime() => Named(story => story["told"] is null);

    [Fact]
    public void Table_EveryConditionOfTheLanguage_HasAStory()
    {
        var used = Stories.SelectMany(story => Keys(story!["when"]!)).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(["all", "any", "collection_failed", "hard_declined", "in_standing", "not", "retries_exhausted", "tagged", "unpaid_balance", "unpaid_for", "unpaid_invoices"], used.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void OnAClock_AroundItsInstant_HoldsFromItOn(string name) => Around(name, Some.Clock);

    [Theory]
    [MemberData(nameof(All))]
    public void InRealTime_AroundItsInstant_HoldsFromItOn(string name) => Around(name, null);

    [Theory]
    [MemberData(nameof(OfTime))]
    public void Asleep_AroundItsInstant_TheGateKnowsAndTheRecordIsLate(string name)
    {
        var (story, world) = Begin(name, clock: null);
        var at = At(story, "at");
        world.SleepUntil(at - Days.Ms);
        Assert.NotEqual("late", world.Standing());
        foreach (var late in new[] { Duration.Zero, Days.Ms, Duration.FromDays(30) })
        {
            world.SleepUntil(at + late);
            Assert.Equal(!Waits(story), world.Standing() == "late");
        }

        world.AdvanceTo(world.Now);
        Assert.Equal("late", world.Standing());
        var effective = Waits(story) ? world.Now : at;
        Assert.Equal(effective, world.Gate().StandingSince);
        var entry = Assert.Single(world.Events, IsEntry);
        Assert.Equal((effective, at + Duration.FromDays(30)), (entry.EffectiveAt, world.RecordedAt[entry]));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void OnTime_AStandingThatDeletesAfterIt_CountsFromItsInstant(string name)
    {
        var (story, world) = Begin(name, clock: null, Deletion);
        world.AdvanceTo(At(story, "at") + Duration.FromDays(2) - Days.Ms);
        Assert.Equal("late", world.Standing());
        world.AdvanceTo(world.Now + Days.Ms);
        Assert.Equal("gone", world.Standing());
    }

    [Theory]
    [MemberData(nameof(OfTime))]
    public void Asleep_AStandingThatDeletesAfterIt_CountsFromTheRecord(string name)
    {
        var (story, world) = Begin(name, clock: null, Deletion);
        world.SleepUntil(At(story, "at") + Duration.FromDays(30));
        world.AdvanceTo(world.Now);
        var recorded = world.Now;
        world.AdvanceTo(recorded + Duration.FromDays(2) - Days.Ms);
        Assert.Equal("late", world.Standing());
        world.AdvanceTo(recorded + Duration.FromDays(2));
        Assert.Equal("gone", world.Standing());
        Assert.Equal(world.Now, world.Gate().StandingSince);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void OnAClock_BetterAndWorseAgain_IsEnteredAgainAtItsOwnInstant(string name) => Again(name, Some.Clock);

    [Theory]
    [MemberData(nameof(All))]
    public void InRealTime_BetterAndWorseAgain_IsEnteredAgainAtItsOwnInstant(string name) => Again(name, null);

    private const string Deletion = """{"name": "gone", "when": {"in_standing": {"late": "2d"}}, "on_enter": ["delete_resources"]}""";

    private static void Around(string name, string? clock)
    {
        var (story, world) = Begin(name, clock);
        var at = At(story, "at");
        if (world.Now < at)
        {
            world.AdvanceTo(at - Days.Ms);
            Assert.NotEqual("late", world.Standing());
        }

        world.AdvanceTo(at);
        Assert.Equal("late", world.Standing());
        world.AdvanceTo(at + Days.Ms);
        Assert.Equal("late", world.Standing());
        Assert.Equal(at, world.Gate().StandingSince);
        Assert.Equal(at, Assert.Single(world.Events, IsEntry).EffectiveAt);
    }

    private static void Again(string name, string? clock)
    {
        var (story, world) = Begin(name, clock);
        if (story["kept"] is { } kept)
        {
            Do(world, kept);
            Assert.Equal(("late", At(story, "at")), (world.Standing(), world.Gate().StandingSince));
        }

        Do(world, story["better"]!);
        Assert.NotEqual("late", world.Standing());
        Assert.Single(world.Events, IsEntry);
        var again = At(story, "again");
        foreach (var step in story["worse"]!.AsArray())
        {
            if (Days.Parse(step!["at"]!.GetValue<string>(), Days.Start) == again)
            {
                world.AdvanceTo(again - Days.Ms);
                Assert.NotEqual("late", world.Standing());
            }

            Do(world, step!);
        }

        if (world.Now < again)
        {
            world.AdvanceTo(again - Days.Ms);
            Assert.NotEqual("late", world.Standing());
        }

        world.AdvanceTo(again);
        Assert.Equal(("late", again), (world.Standing(), world.Gate().StandingSince));
        Assert.Equal([At(story, "at"), again], world.Events.Where(IsEntry).Select(e => e.EffectiveAt));
    }

    /// <summary>The story up to its last step before the instant, or at it.</summary>
    private static (JsonNode Story, World World) Begin(string name, string? clock, params string[] worse)
    {
        var story = Stories.Single(story => story!["name"]!.GetValue<string>() == name)!;
        var document = new JsonObject
        {
            ["collection"] = story["collection"]?.DeepClone() ?? new JsonObject(),
            ["standings"] = new JsonArray(
            [
                .. story["milder"]?.AsArray().Select(milder => milder!.DeepClone()) ?? [],
                new JsonObject { ["name"] = "late", ["when"] = story["when"]!.DeepClone() },
                .. worse.Select(standing => JsonNode.Parse(standing)),
            ]),
        };
        var world = new World(Some.Book(document.ToJsonString()), Days.Start);
        world.Accept(world.TellAccount(Some.Profile(clock: clock, tags: [.. story["tags"]?.AsArray().Select(tag => tag!.GetValue<string>()) ?? []])));
        var verbs = new ScenarioVerbs(world, Days.Start);
        foreach (var method in story["methods"]?.AsArray() ?? []) Assert.Null(verbs.Do("method", method!));
        foreach (var step in story["steps"]!.AsArray()) Do(world, step!);
        return (story, world);
    }

    private static void Do(World world, JsonNode step)
    {
        world.AdvanceTo(Days.Parse(step["at"]!.GetValue<string>(), Days.Start));
        foreach (var (verb, argument) in step.AsObject().Where(property => property.Key != "at")) Assert.Null(new ScenarioVerbs(world, Days.Start).Do(verb, argument!));
        world.AdvanceTo(world.Now);
    }

    private static bool IsEntry(Event e) => e.Type == "standing.changed" && e.Data["standing"]!.GetValue<string>() == "late";

    /// <summary>Conditions on attempts wait for the attempt.</summary>
    private static bool Waits(JsonNode story) => story["waits"] is not null;

    private static Instant At(JsonNode story, string key) => Days.Parse(story[key]!.GetValue<string>(), Days.Start);

    private static IEnumerable<string> Keys(JsonNode condition) => condition switch
    {
        JsonObject all => all.SelectMany(property => property.Value is JsonObject or JsonArray && property.Key is "any" or "all" or "not" ? Keys(property.Value!).Prepend(property.Key) : [property.Key]),
        JsonArray list => list.SelectMany(each => Keys(each!)),
        _ => [],
    };

    private static TheoryData<string> Named(Func<JsonNode, bool> which) => [.. Stories.Where(story => which(story!)).Select(story => story!["name"]!.GetValue<string>())];
}
