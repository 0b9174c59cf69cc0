using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Billing.Gateways;

namespace Billing.Sandbox;

/// <summary>A method of the sandbox: what its token does when it is charged, and what is told of it.</summary>
/// <param name="Token">The gateway's name for it.</param>
/// <param name="Script">One outcome for each charge, the last one repeats; empty: <c>ok</c>.</param>
/// <param name="Fingerprint">The same for every token of one card; <see langword="null"/>: one made of the token.</param>
/// <param name="Network">The card's network, such as <c>visa</c>.</param>
/// <param name="Funding">How the card is funded, such as <c>credit</c>.</param>
public sealed record SandboxMethod(string Token, ImmutableArray<string> Script, string? Fingerprint, string? Network, string? Funding)
{
    /// <summary>As the port tells it. The last four digits are made of the token, and stay the same.</summary>
    internal MethodDescription Describe()
    {
        // FNV-1a: four stable digits, nothing that has to be hard to guess.
        var hash = 2_166_136_261u;
        foreach (var octet in Encoding.UTF8.GetBytes(Token)) hash = unchecked((hash ^ octet) * 16_777_619u);
        return new("sandbox", (hash % 10_000).ToString("D4", CultureInfo.InvariantCulture), Fingerprint ?? "fp_" + Ids.Hash(Token), Network, Funding);
    }
}

/// <summary>What is known of a method: <see langword="null"/> leaves what is there.</summary>
internal sealed record MethodChange(string Token, ImmutableArray<ScriptStep>? Script, string? Fingerprint, string? Network, string? Funding);
