using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>Where a link leads is told once and never changes.</summary>
public static class PayLinkRules
{
    /// <summary>Decides about one message. Pure.</summary>
    public static Decision<PayLinkState> Decide(PayLinkState state, Message message, Instant now)
    {
        var draft = new Draft<PayLinkState>(state, now);
        if (message is PayLinkMade { } made && state.Account is null) draft.State = new PayLinkState { Account = made.Account, Clock = made.Clock };
        return draft.Decide(message is PayLinkMade or Wake or Recover ? new Done() : new Refused(Problems.InvalidRequest, $"A pay link does not take {message.GetType().Name}."));
    }

    /// <summary>Lists see nothing of it.</summary>
    public static JsonObject Summary() => [];
}
