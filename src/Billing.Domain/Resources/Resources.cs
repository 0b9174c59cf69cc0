using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>
/// What callers say about their resources. An open order outlives what they say, until they say that it is done; anything
/// else that is otherwise than we thought is how it is.
/// </summary>
internal static class Resources
{
    /// <summary>Registers a resource, or takes what its system says of it now. One registered in a standing that powers down gets no order: orders are made on entry.</summary>
    public static Reply Put(AccountDraft draft, PutResource command)
    {
        var known = draft.State.Resources.Find(command.Resource);
        if (Errors(draft.State, command, known) is { IsEmpty: false } errors) return new Refused(Problems.InvalidRequest, "Some fields are not acceptable.", errors);
        if (known is null) return Add(draft, command);

        var isSameGraph = command.DependsOn.IsDefault || command.DependsOn.SequenceEqual(known.DependsOn, StringComparer.Ordinal);
        var told = known with { Kind = command.Kind ?? known.Kind, DependsOn = isSameGraph ? known.DependsOn : command.DependsOn };
        var said = SaidOtherwise(known, command.State);
        if (told == known && said is null) return new Done(known.Id, draft.State.Version, Replayed: true);
        if (known.State == ResourceState.Deleted) return new Refused(Problems.ResourceDeleted, "The resource is deleted, for good.");

        Tell(draft, known, told, said);
        ResourceOrders.GiveWaiting(draft, draft.Now);
        return new Done(known.Id, draft.NextVersion);
    }

    private static Reply Add(AccountDraft draft, PutResource command)
    {
        var resources = draft.State.Resources;
        if (resources.Length >= AccountLimits.Resources)
        {
            // What is deleted is only remembered so that nobody turns it on; the oldest makes room.
            var oldest = resources.FirstOrDefault(resource => resource.State == ResourceState.Deleted);
            if (oldest is null) return new Refused(Problems.TooMany, $"At most {AccountLimits.Resources} resources for an account.");
            resources = resources.Without(oldest.Id);
        }

        var added = new Resource { Id = command.Resource, Kind = command.Kind!, State = command.State ?? ResourceState.Running, DependsOn = command.DependsOn.OrEmpty() };
        draft.State = draft.State with { Resources = resources.Add(added) };
        Record(draft, added, "added");
        return new Done(added.Id, draft.NextVersion);
    }

    /// <summary>What its system says, where that changes anything.</summary>
    private static ResourceState? SaidOtherwise(Resource known, ResourceState? said) => (known.State, said) switch
    {
        (_, null) => null,
        (ResourceState.Deleting, ResourceState.Running or ResourceState.Stopped) => null,
        (ResourceState.Stopping, ResourceState.Running) => null,
        _ => said == known.State ? null : said,
    };

    private static void Tell(AccountDraft draft, Resource known, Resource told, ResourceState? said)
    {
        var waiting = said == ResourceState.Stopped && told.WaitingOrder is { Action: OrderAction.Stop } ? null : told.WaitingOrder;
        var isDrift = known.State is ResourceState.Running or ResourceState.Stopped && said is ResourceState.Running or ResourceState.Stopped;
        if (isDrift) told = told with { State = said!.Value, WaitingOrder = waiting, StoppedByOrder = false };
        if (told != known)
        {
            draft.State = draft.State with { Resources = draft.State.Resources.With(told) };
            Record(draft, told, "changed");
        }

        if (said is null || isDrift) return;
        var isDone = told.Order is { } order && (order.Action == OrderAction.Stop) == (said == ResourceState.Stopped);
        if (isDone) ResourceOrders.Fulfil(draft, told, told.Order!);
        else ResourceOrders.Lose(draft, told);
    }

    private static ImmutableArray<FieldError> Errors(AccountState account, PutResource command, Resource? known)
    {
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        void Require(bool isFine, string path, string message)
        {
            if (!isFine) errors.Add(new FieldError(path, message));
        }

        var needs = command.DependsOn.OrEmpty();
        Require(command.Kind is not null || known is not null, "kind", "A kind is required.");
        Require(command.State is null or ResourceState.Running or ResourceState.Stopped or ResourceState.Deleted, "state", "One of running, stopped, deleted; the others are ours to say.");
        Require(needs.Length <= AccountLimits.Dependencies, "depends_on", $"At most {AccountLimits.Dependencies} dependencies.");
        Require(needs.Distinct(StringComparer.Ordinal).Count() == needs.Length, "depends_on", "Each only once.");
        Require(!account.Resources.ClosesCycle(command.Resource, needs), "depends_on", "A resource must not, through others, depend on itself.");
        return errors.ToImmutable();
    }

    private static void Record(AccountDraft draft, Resource resource, string change) => draft.Record(
        "account.updated", new JsonObject { ["resource"] = resource.Id, ["change"] = change, ["state"] = resource.State.ToString().ToLowerInvariant() });
}
