using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>
/// Who made a call. It travels with the call into the write of its effect, and with the messages that follow from it, so
/// that every event which the call led to names it.
/// </summary>
/// <param name="Key">The id of the key, or of the pay link.</param>
/// <param name="Reason">Why, where the caller said so.</param>
public sealed record By(string Key, string? Reason = null)
{
    /// <summary>An event that names who led to it. A reason that the event gives itself stays.</summary>
    public Event Sign(Event @event)
    {
        var data = (JsonObject)@event.Data.DeepClone();
        data["by"] = Key;
        if (Reason is not null && data["reason"] is null) data["reason"] = Reason;
        return @event with { Data = data };
    }
}
