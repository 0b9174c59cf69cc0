using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// What entering a standing does to an account's resources, and what getting better gives back. An order is open until it
/// is acknowledged, and revocable until then; <c>deleted</c> is final.
/// </summary>
/// <remarks>
/// Implementation note: every order is first one that waits. <see cref="GiveWaiting"/> gives those out on which nothing
/// depends any more; so order by dependency has one place, whether a standing is entered or an order acknowledged.
/// </remarks>
internal static class ResourceOrders
{
    /// <summary>The resource has done what the order says. Said once more, nothing happens.</summary>
    public static Reply Acknowledge(AccountDraft draft, AcknowledgeOrder command)
    {
        if (Idempotency.Before(draft, command.Key, command.Resource) is { } before) return before;
        if (draft.State.Resources.Find(command.Resource) is not { } resource) return Unknown();
        if (string.Equals(resource.Acknowledged, command.Order, StringComparison.Ordinal)) return new Done(resource.Id, draft.State.Version, Replayed: true);
        if (Is(resource.Revoked, command.Order)) return Revoked(draft, resource, resource.Revoked!);
        if (!Is(resource.Order, command.Order)) return new Refused(Problems.NotFound, "There is no such order for this resource.");

        Fulfil(draft, resource, resource.Order!);
        Idempotency.Remember(draft, command.Key);
        return new Done(resource.Id, draft.NextVersion);
    }

    /// <summary>Turns a resource on by hand, where the gate allows it. An open stop order is revoked; a delete order stands.</summary>
    public static Reply PowerOn(AccountDraft draft, PowerOn command)
    {
        if (Idempotency.Before(draft, command.Key, command.Resource) is { } before) return before;
        if (draft.State.Resources.Find(command.Resource) is not { } resource) return Unknown();
        var gate = Gate.Decide(draft.State, draft.Policies, new GateQuestion(Operations.ResourcePowerOn), draft.Now);
        if (!gate.Allowed) return new Refused(Problems.OperationDenied, gate.Message!) { Standing = gate.Standing, AmountToClear = gate.AmountToClear };
        if (resource.State == ResourceState.Deleted) return new Refused(Problems.ResourceDeleted, "The resource is deleted.");
        if (resource is { Order.Action: OrderAction.Delete } or { WaitingOrder.Action: OrderAction.Delete })
        {
            return new Refused(Problems.ResourceDeleted, "The resource is ordered to be deleted.");
        }

        resource = resource with { WaitingOrder = null };
        if (resource.Order is { } stop) Revoke(draft, resource, stop, draft.Now);
        else if (resource.State == ResourceState.Stopped) Start(draft, resource, draft.Now);
        else Keep(draft, resource);
        Idempotency.Remember(draft, command.Key);
        return new Done(resource.Id, draft.NextVersion);
    }

    /// <summary>What the entry into a worse standing orders: what depends on another is ordered first.</summary>
    public static void OnEnter(AccountDraft draft, StandingRule rule, Instant at)
    {
        if (!rule.PowersDown && !rule.Deletes) return;
        var action = rule.Deletes ? OrderAction.Delete : OrderAction.Stop;
        foreach (var resource in draft.State.Resources.DependentsFirst().Where(resource => IsToBeTold(resource, action))) LetWait(draft, resource, action, rule.Name);

        GiveWaiting(draft, at);
    }

    /// <summary>
    /// What a milder standing gives back. Orders of the standings left are revoked; then, where the standing reached does
    /// not power down, what our orders stopped is turned on again, dependencies first, or is left to be turned on by hand.
    /// </summary>
    /// <param name="severityNow">The place of the standing reached among the policy's, −1 for <c>good</c>.</param>
    public static void OnBetter(AccountDraft draft, Policy policy, int severityNow, Instant at)
    {
        bool IsLeft(ResourceOrder order) => policy.SeverityOf(order.Standing) is var severity && (severity < 0 || severity > severityNow);
        foreach (var resource in draft.State.Resources.DependenciesFirst())
        {
            var kept = resource.WaitingOrder is { } waiting && IsLeft(waiting) ? Keep(draft, resource with { WaitingOrder = null }) : resource;
            if (kept.Order is { } order && IsLeft(order)) Revoke(draft, kept, order, at);
        }

        if (severityNow < 0 || policy.Standings[severityNow] is { PowersDown: false, Deletes: false }) Recover(draft, policy.Recovery.Resources, at);
        GiveWaiting(draft, at);
    }

    /// <summary>Facts or time have changed what deletions wait for. Under a legal hold nothing is to be deleted: a delete order that is open is revoked, and waits anew.</summary>
    public static void GoOn(AccountDraft draft, Instant at)
    {
        if (draft.State.Holds.Any(hold => hold.Category == HoldCategory.Legal)) Recall(draft, at);
        GiveWaiting(draft, at);
    }

    /// <summary>The resource has done it.</summary>
    internal static void Fulfil(AccountDraft draft, Resource resource, ResourceOrder order)
    {
        var isGone = order.Action == OrderAction.Delete;
        var done = Keep(draft, resource with
        {
            State = isGone ? ResourceState.Deleted : ResourceState.Stopped,
            Order = null,
            WaitingOrder = isGone ? null : resource.WaitingOrder,
            Acknowledged = order.Id,
            StoppedByOrder = !isGone,
        });
        draft.Record("resource.acknowledged", About(done, order));
        GiveWaiting(draft, draft.Now);
    }

    /// <summary>The resource is gone, and no order that stood said so.</summary>
    internal static void Lose(AccountDraft draft, Resource resource, ResourceOrder? order = null)
    {
        var lost = Keep(draft, resource with
        {
            State = ResourceState.Deleted,
            Order = null,
            WaitingOrder = null,
            Acknowledged = resource.Order?.Id ?? resource.Acknowledged,
            StoppedByOrder = false,
        });
        draft.Record("resource.lost", order is null ? About(lost) : About(lost, order));
        GiveWaiting(draft, draft.Now);
    }

    /// <summary>Gives out each order that waits for nothing any more, those on which others wait first.</summary>
    internal static void GiveWaiting(AccountDraft draft, Instant at)
    {
        if (draft.State.Resources.All(resource => resource.WaitingOrder is null)) return;
        var mayDelete = Deletions.MayGoOn(draft.State, draft.Policies, Instant.Max(at, draft.Now));
        foreach (var resource in draft.State.Resources.DependentsFirst())
        {
            if (resource.WaitingOrder is { } order && (mayDelete || order.Action != OrderAction.Delete) && draft.State.Resources.IsFree(resource, order.Action)) Give(draft, resource, order, at);
        }
    }

    private static void Recall(AccountDraft draft, Instant at)
    {
        foreach (var resource in draft.State.Resources.DependenciesFirst().Where(resource => resource.Order is { Action: OrderAction.Delete }))
        {
            var order = resource.Order!;
            LetWait(draft, Revoke(draft, resource, order, at), OrderAction.Delete, order.Standing);
        }
    }

    private static void LetWait(AccountDraft draft, Resource resource, OrderAction action, string standing)
    {
        draft.State = draft.State with { OrdersNumbered = draft.State.OrdersNumbered + 1 };
        Keep(draft, resource with { WaitingOrder = new ResourceOrder($"{draft.Id}~order~{draft.State.OrdersNumbered}", action, standing) });
    }

    private static bool IsToBeTold(Resource resource, OrderAction action) => action == OrderAction.Stop
        ? resource is { State: ResourceState.Running, WaitingOrder: null }
        : resource is { State: not (ResourceState.Deleting or ResourceState.Deleted), WaitingOrder: not { Action: OrderAction.Delete } };

    private static void Give(AccountDraft draft, Resource resource, ResourceOrder order, Instant at)
    {
        var isDelete = order.Action == OrderAction.Delete;
        var given = Keep(draft, resource with
        {
            State = isDelete ? ResourceState.Deleting : ResourceState.Stopping,
            Order = order,
            WaitingOrder = null,
            Revoked = resource.Order ?? resource.Revoked,
            StoppedByOrder = isDelete && (resource.StoppedByOrder || resource.State is ResourceState.Running or ResourceState.Stopping),
        });
        var data = About(given, order);
        if (resource.Order is { } replaced) data["replaces"] = replaced.Id;
        draft.Record("resource.ordered", at, data);
    }

    private static Resource Revoke(AccountDraft draft, Resource resource, ResourceOrder order, Instant at)
    {
        var isDelete = order.Action == OrderAction.Delete;
        var free = Keep(draft, resource with
        {
            State = isDelete ? ResourceState.Stopped : ResourceState.Running,
            Order = null,
            Revoked = order,
            StoppedByOrder = isDelete && resource.StoppedByOrder,
        });
        draft.Record("resource.revoked", at, About(free, order));
        return free;
    }

    /// <summary>Acknowledged too late. What was to stop is told to run; what was to be deleted is lost.</summary>
    private static Refused Revoked(AccountDraft draft, Resource resource, ResourceOrder order)
    {
        var isLost = order.Action == OrderAction.Delete;
        if (isLost && resource.State != ResourceState.Deleted)
        {
            Lose(draft, resource, order);
            var what = $"Resource '{resource.Id}' was deleted after the order to delete it had been revoked.";
            AttentionRules.Raise(draft, "resource_lost", resource.Id, what, "Tell the customer, and restore it where that can be done.");
        }

        return new Refused(Problems.OrderRevoked, isLost
            ? "The order was revoked before it was acknowledged; the resource is lost."
            : "The order was revoked; see what the resource should do now.");
    }

    private static void Recover(AccountDraft draft, ResourceRecovery recovery, Instant at)
    {
        foreach (var resource in draft.State.Resources.DependenciesFirst().Where(resource => resource is { State: ResourceState.Stopped, StoppedByOrder: true }))
        {
            if (recovery == ResourceRecovery.Automatic) Start(draft, resource, at);
            else Keep(draft, resource with { StoppedByOrder = false });
        }
    }

    /// <summary>Nothing is awaited for a start: whether it runs is its own system's to say.</summary>
    private static void Start(AccountDraft draft, Resource resource, Instant at)
    {
        var running = Keep(draft, resource with { State = ResourceState.Running, StoppedByOrder = false });
        var data = About(running);
        data["action"] = "start";
        draft.Record("resource.ordered", at, data);
    }

    private static Resource Keep(AccountDraft draft, Resource resource)
    {
        if (draft.State.Resources.Find(resource.Id) != resource) draft.State = draft.State with { Resources = draft.State.Resources.With(resource) };
        return resource;
    }

    private static JsonObject About(Resource resource) => new() { ["resource"] = resource.Id, ["state"] = Word(resource.State) };

    private static JsonObject About(Resource resource, ResourceOrder order) => new()
    {
        ["resource"] = resource.Id,
        ["state"] = Word(resource.State),
        ["order"] = order.Id,
        ["action"] = Word(order.Action),
        ["standing"] = order.Standing,
    };

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static bool Is(ResourceOrder? order, string id) => string.Equals(order?.Id, id, StringComparison.Ordinal);

    private static Refused Unknown() => new(Problems.NotFound, "There is no such resource.");
}
