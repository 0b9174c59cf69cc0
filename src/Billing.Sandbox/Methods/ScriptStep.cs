using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using NodaTime;

namespace Billing.Sandbox;

/// <summary>
/// One outcome of a script, worked out: what row a charge leaves, when it settles by itself, what the caller and the
/// webhook are told.
/// </summary>
/// <remarks>
/// Implementation note: a script is stored as steps and not as text, so that what an outcome means stands here alone. The
/// storage, in SQL or in memory, only copies the step's fields into the row.
/// </remarks>
internal sealed partial record ScriptStep
{
    /// <summary>The code of a charge that <c>processing_fail</c> ends.</summary>
    public const string LateFailureCode = "payment_failed";

    /// <summary>What a token without a script does.</summary>
    public static readonly ScriptStep Ok = new() { Outcome = "ok", Status = SandboxChargeStatus.Succeeded, Event = SandboxEventTypes.Succeeded };

    private const string Known =
        "ok, decline:<code>, processing, processing_ok:<duration>, processing_fail:<duration>, authentication_required, timeout, timeout_captured, error";

    /// <summary>As it was written.</summary>
    public required string Outcome { get; init; }

    /// <summary>The row's status; <see langword="null"/>: it leaves no row.</summary>
    public SandboxChargeStatus? Status { get; init; }

    /// <summary>The row's status where the customer is present, when that is another one.</summary>
    public SandboxChargeStatus? StatusByHand { get; init; }

    /// <summary>The row's code, where it is failed.</summary>
    public string? Code { get; init; }

    /// <summary>Whether it waits for, or failed for want of, the customer's answer to a challenge.</summary>
    public bool Challenge { get; init; }

    /// <summary>After how many seconds on the account's clock it settles by itself.</summary>
    public long? SettlesAfterSeconds { get; init; }

    /// <summary>What it settles to by itself.</summary>
    public SandboxChargeStatus? SettlesTo { get; init; }

    /// <summary>The code with which it settles by itself.</summary>
    public string? SettlesCode { get; init; }

    /// <summary>The event that the charge itself sends; the caller of an immediate decline knows already.</summary>
    public string? Event { get; init; }

    /// <summary>Whether the caller learns nothing, whatever happened.</summary>
    [JsonIgnore]
    public bool IsSilent => Outcome is "timeout" or "timeout_captured";

    /// <summary>The status of the row that a request leaves.</summary>
    public SandboxChargeStatus? StatusFor(bool byHand) => byHand ? StatusByHand ?? Status : Status;

    /// <summary>Reads an outcome; <paramref name="error"/> says what is wrong where there is none such.</summary>
    public static ScriptStep? Parse(string? outcome, out string? error)
    {
        var colon = outcome?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        var (name, argument) = colon < 0 ? (outcome, null) : (outcome![..colon], outcome[(colon + 1)..]);
        error = null;
        switch (name, argument)
        {
            case ("ok", null):
                return Ok;
            case ("processing", null):
                return new() { Outcome = outcome!, Status = SandboxChargeStatus.Processing };
            case ("authentication_required", null):
                return new()
                {
                    Outcome = outcome!,
                    Status = SandboxChargeStatus.Failed,
                    StatusByHand = SandboxChargeStatus.Processing,
                    Code = "authentication_required",
                    Challenge = true,
                };
            case ("timeout" or "error", null):
                return new() { Outcome = outcome! };
            case ("timeout_captured", null):
                return new() { Outcome = outcome!, Status = SandboxChargeStatus.Succeeded };
            case ("decline", not null) when CodePattern().IsMatch(argument):
                return new() { Outcome = outcome!, Status = SandboxChargeStatus.Failed, Code = argument };
            case ("processing_ok", not null) when ParseDuration(argument) is { } after:
                return new() { Outcome = outcome!, Status = SandboxChargeStatus.Processing, SettlesAfterSeconds = after, SettlesTo = SandboxChargeStatus.Succeeded };
            case ("processing_fail", not null) when ParseDuration(argument) is { } after:
                return new()
                {
                    Outcome = outcome!,
                    Status = SandboxChargeStatus.Processing,
                    SettlesAfterSeconds = after,
                    SettlesTo = SandboxChargeStatus.Failed,
                    SettlesCode = LateFailureCode,
                };
            default:
                error = name switch
                {
                    "decline" => $"'{outcome}' wants a code of lower-case letters, digits and underscores, as in decline:insufficient_funds.",
                    "processing_ok" or "processing_fail" => $"'{outcome}' wants a duration such as 30m, 20h or 2d, at most 3650d.",
                    _ => $"'{outcome}' is no outcome. There are: {Known}.",
                };
                return null;
        }
    }

    private static long? ParseDuration(string text)
    {
        if (!DurationPattern().IsMatch(text)) return null;
        var unit = text[^1] switch { 's' => 1L, 'm' => 60L, 'h' => 3_600L, _ => 86_400L };
        var seconds = unit * long.Parse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture);
        return seconds is > 0 and <= 3_650L * 86_400L ? seconds : null;
    }

    /// <summary>When a charge made at an instant settles by itself.</summary>
    public Instant? DueAt(Instant createdAt) => SettlesAfterSeconds is { } seconds ? createdAt + Duration.FromSeconds(seconds) : null;

    [GeneratedRegex(@"\A[a-z0-9_]{1,64}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex CodePattern();

    [GeneratedRegex(@"\A[0-9]{1,9}[smhd]\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex DurationPattern();
}
