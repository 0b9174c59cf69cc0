using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orleans.Storage;

namespace Billing.Grains.Hosting;

/// <summary>
/// Messages that keep failing. Such a one stops only its own pair and is tried for ever; after ten tries a human should
/// look, so it is on the list of what needs one until it is taken.
/// </summary>
public static class StuckMessages
{
    /// <summary>After so many tries, about a minute and a half, a message is on the list.</summary>
    public const int After = 10;

    /// <summary>What kind of entry it makes.</summary>
    public const string Matter = "message_stuck";

    /// <summary>The field of a summary that says that a message is stuck; the index finds it by this.</summary>
    public const string Field = "stuck";

    /// <summary>Whether a message has failed often enough.</summary>
    public static bool IsStuck(OutboxEntry entry) => entry.Tries >= After;

    /// <summary>Whether anything in an outbox is on its way that is neither stuck nor behind one that is.</summary>
    internal static bool Waits(ImmutableArray<OutboxEntry> outbox)
    {
        if (!outbox.Any(IsStuck)) return !outbox.IsEmpty;
        var held = outbox.Where(IsStuck).Select(entry => entry.To).ToHashSet(StringComparer.Ordinal);
        return outbox.Any(entry => !held.Contains(entry.To));
    }

    /// <summary>A summary with the stuck messages in its list, and without those that are no longer stuck.</summary>
    internal static JsonObject? Show(JsonObject? summary, ImmutableArray<OutboxEntry> outbox)
    {
        var stuck = outbox.Where(IsStuck).Select(Entry).ToImmutableArray();
        if (stuck.IsEmpty && summary?.ContainsKey(Field) is not true) return summary;
        var shown = summary?.DeepClone().AsObject() ?? [];
        var list = shown["attention"] as JsonArray ?? [];
        shown.Remove("attention");
        shown.Remove(Field);
        foreach (var old in list.Where(item => item?["kind"]?.GetValue<string>() == Matter).ToArray()) list.Remove(old);
        foreach (var entry in stuck) list.Add((JsonNode)entry);
        if (list.Count > 0) shown["attention"] = list;
        if (!stuck.IsEmpty) shown[Field] = true;
        return shown;
    }

    /// <summary>Why a message was not taken, in words for an operator; the log has the rest.</summary>
    internal static string Explain(Exception failure) => failure switch
    {
        TimeoutException => "it did not answer in time",
        InconsistentStateException => "its state could not be written",
        OrleansException => "it could not be reached",
        _ => "it failed",
    };

    /// <summary>As the rules write the entries of their lists.</summary>
    private static JsonObject Entry(OutboxEntry entry) => new()
    {
        ["id"] = $"message~{entry.Number}",
        ["kind"] = Matter,
        ["subject"] = entry.To,
        ["what"] = $"Message {entry.Number} to {entry.To} has not been taken in {entry.Tries} tries: {entry.Why}.",
        ["do"] = "Look into the log for this receiver: the lines name the reason. The message is tried again until it is taken, and then leaves this list by itself; other receivers do not wait for it.",
        ["since"] = entry.StoredAt.ToString(),
    };
}
