using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Billing.Testing.Http;

namespace Billing.Testing.Loads;

/// <summary>Everything that the service said it has done. None of it may ever be gone.</summary>
public sealed class Acknowledged
{
    private readonly ConcurrentQueue<(string Path, JsonObject Fields)> _all = new();

    /// <summary>How much it is.</summary>
    public int Count => _all.Count;

    /// <summary>Keeps what was answered, where it can be read again.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="path">Where it is read.</param>
    /// <param name="fields">What may never change of it.</param>
    /// <exception cref="InvalidOperationException">It is no acknowledgement, where nothing else was to be expected.</exception>
    public Answer Keep(Answer answer, string path, params ReadOnlySpan<string> fields)
    {
        if (!answer.IsDone) throw new InvalidOperationException($"{path}: answered {answer}");
        var kept = new JsonObject();
        foreach (var field in fields) kept[field] = answer.Body[field]?.DeepClone();
        _all.Enqueue((path, kept));
        return answer;
    }

    /// <summary>What of it is not there any more.</summary>
    public async Task<IReadOnlyList<string>> LostAsync(BillingClient client)
    {
        var lost = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(_all, async (kept, _) =>
        {
            var now = await client.GetAsync(kept.Path);
            var changed = kept.Fields.Where(field => !JsonNode.DeepEquals(field.Value, now.Body[field.Key])).Select(field => field.Key).ToArray();
            if (!now.IsDone || changed.Length > 0) lost.Enqueue($"{kept.Path}: acknowledged {kept.Fields.ToJsonString()}, now {now} ({string.Join(", ", changed)})");
        });
        return [.. lost];
    }
}
