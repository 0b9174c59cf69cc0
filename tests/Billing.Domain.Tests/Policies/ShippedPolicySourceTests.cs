using System.Text.Json;

namespace Billing.Domain.Tests;

/// <summary>Each rule of a shipped policy says where it comes from, or what was assumed.</summary>
public sealed class ShippedPolicySourceTests
{
    [Theory]
    [InlineData("cloudflare", "(Cloudflare Docs, \"Pay an outstanding balance\"")]
    [InlineData("digitalocean", "(DigitalOcean Documentation, \"Late Payments\"")]
    [InlineData("valid-email-checker", "(Valid Email Checker, \"How do I pay a stuck or pending invoice manually?\"")]
    public void Objects_WithARule_NameTheSourceOrTheAssumption(string name, string document)
    {
        var policy = JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "policies", name + ".json")));
        foreach (var section in (string[])["cycle", "collection", "invoice", "recovery", "message_contexts"])
        {
            if (policy.TryGetProperty(section, out var rules)) Assert.Contains(document, rules.GetProperty("source").GetString(), StringComparison.Ordinal);
        }

        foreach (var standing in policy.GetProperty("standings").EnumerateArray())
        {
            Assert.Contains(document, standing.GetProperty("source").GetString(), StringComparison.Ordinal);
            Assert.Contains(document, standing.GetProperty("when").GetProperty("source").GetString(), StringComparison.Ordinal);
            foreach (var list in (string[])["deny_if", "requires_notice"])
            {
                if (!standing.TryGetProperty(list, out var entries)) continue;
                Assert.All(entries.EnumerateArray(), entry => Assert.True(entry.TryGetProperty("source", out _) || entry.TryGetProperty("assumption", out _)));
            }
        }

        Assert.True(policy.TryGetProperty("source", out var whole) ? whole.GetString()!.Contains(document, StringComparison.Ordinal) : !policy.TryGetProperty("refunds", out _));
    }
}
