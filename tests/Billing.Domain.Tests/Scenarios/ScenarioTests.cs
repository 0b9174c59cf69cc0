namespace Billing.Domain.Tests;

public sealed class ScenarioTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Scenarios");

    public static TheoryData<string, string> All()
    {
        var data = new TheoryData<string, string>();
        foreach (var file in Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal))
        {
            foreach (var scenario in Scenario.In(file)) data.Add(Path.GetFileName(file), scenario.Name);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Play_OnATestClock_HoldsAtEveryStep(string file, string name) => Find(file, name).Play(Some.Clock);

    [Theory]
    [MemberData(nameof(All))]
    public void Play_InRealTime_HoldsAtEveryStep(string file, string name) => Find(file, name).Play(clock: null);

    private static Scenario Find(string file, string name) => Scenario.In(Path.Combine(Folder, file)).Single(scenario => scenario.Name == name);
}
