namespace Billing.Domain.Tests;

/// <summary>How each of many scenarios went: a line each, and a summary at the end.</summary>
internal sealed class ScenarioReport(bool withTrace)
{
    private readonly List<string> _lines = [];
    public int Held { get; private set; }

    public int Broken { get; private set; }

    public string Summary => $"{Held} held, {Broken} broken";

    public IEnumerable<string> Lines => _lines.Append(Summary);

    /// <summary>Plays one on a test clock. Whatever is wrong with it does not stop the others.</summary>
    public void Play(Scenario scenario)
    {
        try
        {
            scenario.Play(Some.Clock, withTrace ? _lines.Add : null);
            Held++;
            _lines.Add($"held   {scenario.Name}");
        }
        catch (ScenarioBroken broken)
        {
            Broken++;
            _lines.Add($"BROKEN {scenario.Name}: {broken.Message}");
        }
    }
}
