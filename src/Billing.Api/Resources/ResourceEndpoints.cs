using System.Collections.Immutable;

namespace Billing.Api.Resources;

/// <summary>Resources: what standing powers down and deletes, by orders that the caller carries out and acknowledges.</summary>
internal static class ResourceEndpoints
{
    private const string Path = "/v1/accounts/{account}/resources";

    public static void MapResources(this IEndpointRouteBuilder api)
    {
        api.MapPut(Path + "/{resource}", PutAsync)
            .Needs(Scope.Write).Says("putResource", "Register a resource, or say what it does now", "Idempotent. A field left out is unchanged. A resource registered while the account is suspended gets no order: orders are given on entry into a standing.")
            .Takes([Problems.NotFound, Problems.ResourceDeleted, Problems.TooMany, Problems.ClockAdvancing], typeof(ResourceRequest), """{"kind": "vm", "state": "running", "depends_on": ["volume-1"]}""").Gives<ResourceResponse>();
        api.MapGet(Path + "/{resource}", GetAsync)
            .Needs(Scope.Read).Says("getResource", "A resource", "With its open order.").Takes([Problems.NotFound]).TakesNoQuery().Gives<ResourceResponse>();
        api.MapGet(Path, ListAsync)
            .Needs(Scope.Read).Says("listResources", "List an account's resources", "Newest first.").Takes([Problems.NotFound]).Gives<Page<ResourceResponse>>();
        api.MapPost(Path + "/{resource}/acknowledge", AcknowledgeAsync)
            .Needs(Scope.Write).Says("acknowledgeOrder", "An order was carried out", "Refused with `order_revoked` when it was taken back before: undo on your side what was done for it.")
            .Takes([Problems.NotFound, Problems.OrderRevoked, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.ClockAdvancing], typeof(AcknowledgeRequest), """{"order": "acme~order~1"}""", key: KeyUse.Optional)
            .Gives<ResourceResponse>();
        api.MapPost(Path + "/{resource}/power_on", PowerOnAsync)
            .Needs(Scope.Write).Says("powerOn", "Turn a stopped resource on", "Where the gate allows `resource.power_on`; it revokes an open order to stop.")
            .Takes([Problems.NotFound, Problems.OperationDenied, Problems.ResourceDeleted, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.ClockAdvancing], typeof(PaymentMethods.EmptyRequest), "{}", required: false, KeyUse.Optional)
            .Gives<ResourceResponse>();
    }

    private static async Task<IResult> PutAsync(string account, string resource, HttpContext http, AccountClocks clocks, AccountCommands commands)
    {
        var found = await clocks.ReadAsync(account);
        var body = await Body.ReadAsync(http);
        var fields = body.Fields;
        body.CheckId("account", account);
        body.CheckId("resource", resource);
        var known = found?.View.Resources.Find(resource);
        var kind = fields.Text("kind", ApiBounds.TagLength);
        fields.Require("kind", isNew: found is not null && known is null);
        var state = fields.Word("state", required: false, ("running", ResourceState.Running), ("stopped", ResourceState.Stopped), ("deleted", ResourceState.Deleted));
        // Left out is what it is now: a list that is none cannot be sent.
        var dependsOn = fields.Has("depends_on") ? ReadDependsOn(fields, resource, body.Errors) : known?.DependsOn ?? [];
        return await commands.SendAsync(
            http, account, found, body,
            _ => new PutResource(resource, kind, state, dependsOn),
            (view, _) => Show(view, resource));
    }

    private static ImmutableArray<string> ReadDependsOn(Fields fields, string resource, Errors errors)
    {
        var read = ImmutableArray.CreateBuilder<string>();
        foreach (var (json, path) in fields.Items("depends_on", 0, ApiBounds.Dependencies))
        {
            if (JsonTexts.Read(json, Ids.MaxLength, path, errors) is not { } id) continue;
            if (!Ids.IsValid(id)) errors.Add(path, PathIds.Expected);
            else if (string.Equals(id, resource, StringComparison.Ordinal)) errors.Add(path, "Must not be the resource itself.");
            else if (read.Contains(id)) errors.Add(path, "Is given more than once.");
            else read.Add(id);
        }

        return read.ToImmutable();
    }

    private static async Task<IResult> GetAsync(string account, string resource, AccountClocks clocks) =>
        await clocks.ReadAsync(account) is { } found ? Show(found.View, resource) : Problem.NoSuch("account");

    private static async Task<IResult> ListAsync(string account, HttpContext http, AccountClocks clocks, string? limit, string? after)
    {
        var asked = ListQuery.Read(http);
        if (asked.Refusal is { } refusal) return refusal;
        if (await clocks.ReadAsync(account) is not { } found) return Problem.NoSuch("account");
        return Lists.Page(found.View.Resources.Reverse().Select(resource => ResourceResponse.Of(account, resource)), asked, item => item.Id);
    }

    private static async Task<IResult> AcknowledgeAsync(string account, string resource, HttpContext http, AccountClocks clocks, AccountCommands commands)
    {
        var body = await Body.ReadAsync(http);
        var order = body.Fields.Text("order", Ids.MaxDerivedLength, required: true) ?? "";
        var key = Idempotency.Read(http, body, isRequired: false);
        return await commands.SendAsync(
            http, account, await clocks.ReadAsync(account), body,
            _ => new AcknowledgeOrder(resource, order, Idempotency.Command(key, $"/v1/accounts/{account}/resources/{resource}/acknowledge", order)),
            (view, replayed) => Show(view, resource, replayed));
    }

    private static async Task<IResult> PowerOnAsync(string account, string resource, HttpContext http, AccountClocks clocks, AccountCommands commands)
    {
        var body = await Body.ReadOptionalAsync(http);
        var key = Idempotency.Read(http, body, isRequired: false);
        return await commands.SendAsync(
            http, account, await clocks.ReadAsync(account), body,
            _ => new PowerOn(resource, Idempotency.Command(key, $"/v1/accounts/{account}/resources/{resource}/power_on", "power_on")),
            (view, replayed) => Show(view, resource, replayed));
    }

    private static IResult Show(AccountView account, string resource, bool replayed = false) =>
        account.Resources.Find(resource) is { } found ? Answer.Ok(ResourceResponse.Of(account.Profile.Id, found), replayed) : Problem.NoSuch("resource");
}
