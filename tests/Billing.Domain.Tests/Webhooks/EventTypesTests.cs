using System.Text.RegularExpressions;

namespace Billing.Domain.Tests;

/// <summary>The list of event types, the code that records them and the page that explains them say the same.</summary>
public sealed partial class EventTypesTests
{
    private static readonly string[] Groups = [.. EventTypes.All.Select(type => type.Split('.')[0]).Distinct(StringComparer.Ordinal)];

    [Fact]
    public void Types_AreThoseThatTheRulesRecord()
    {
        // Of policies, names of operations look alike; in the messages, names of commands.
        var folder = Path.Combine(Repository.Root, "src", "Billing.Domain");
        var recorded = Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}Policies{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && Path.GetFileName(file) is not ("Message.cs" or "EventTypes.cs"))
            .SelectMany(file => NamePattern().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["name"].Value)
            .Where(name => Groups.Contains(name.Split('.')[0], StringComparer.Ordinal));
        Assert.Equal(EventTypes.All.Order(StringComparer.Ordinal), recorded.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Docs_NameEachType()
    {
        var rows = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "events.md")).Select(line => line.Split('|')).Where(cells => cells.Length == 5).Select(cells => cells[1]);
        var told = rows.SelectMany(InFull).Where(name => Groups.Contains(name.Split('.')[0], StringComparer.Ordinal));
        Assert.Equal(EventTypes.All.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("payment.*", true)]
    [InlineData("payment.dispute_won", true)]
    [InlineData("payment.succeded", false)]
    [InlineData("payments.*", false)]
    [InlineData("payment", false)]
    [InlineData("payment.succeeded.*", false)]
    public void WantsAny_IsWhetherAnEventIsCalledSo(string pattern, bool isKnown) => Assert.Equal(isKnown, EventTypes.WantsAny(pattern));

    [Theory]
    [InlineData("key.creatd", "key.*, key.created, key.revoked")]
    [InlineData("kye.created", "*, account.*, standing.*, invoice.*, rung.*, payment.*, credit.*, subscription.*, resource.*, notice.*, hold.*, control.*, attention.*, pay_link.*, key.*, webhook_endpoint.*, clock.*, policy.*")]
    public void Instead_AreTheTypesOfTheSameThing_ElseThePatterns(string pattern, string told) => Assert.Equal(told, EventTypes.Instead(pattern));

    /// <summary>The names of a row: <c>`a.b` `.c`</c> is <c>a.b</c> and <c>a.c</c>.</summary>
    private static IEnumerable<string> InFull(string cell)
    {
        var group = "";
        foreach (var name in CodePattern().Matches(cell).Select(match => match.Groups["name"].Value))
        {
            if (!name.StartsWith('.')) group = name.Split('.')[0];
            yield return name.StartsWith('.') ? group + name : name;
        }
    }

    [GeneratedRegex(@"""(?<name>[a-z_]+\.[a-z_]+)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamePattern();

    [GeneratedRegex("`(?<name>[a-z_.]+)`", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodePattern();
}
