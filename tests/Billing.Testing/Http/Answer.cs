using System.Globalization;
using System.Text.Json.Nodes;

namespace Billing.Testing.Http;

/// <summary>What the service answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The JSON; an empty object where there was none.</param>
public sealed record Answer(int Status, JsonObject Body)
{
    /// <summary>Whether it is an acknowledgement.</summary>
    public bool IsDone => Status is >= 200 and < 300;

    /// <summary>The problem's code.</summary>
    public string? Code => IsDone ? null : (string?)Body["code"];

    /// <summary>A text of the body.</summary>
    public string Text(string name) => (string?)Body[name] ?? "";

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Status} {Body.ToJsonString()}");
}
