using System.Security.Cryptography;
using System.Text;

namespace Billing.Api.Keys;

/// <summary>The keys of the installation. A secret is shown once, in the answer that made it.</summary>
internal static class KeyEndpoints
{
    private const string Path = "/v1/keys";
    private const int ShownCharacters = 9;

    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        api.MapPost(Path, CreateAsync)
            .Needs(Scope.Operate).Says("createKey", "Make a key", "`secret` is shown in this answer and never again, not to a repeated call either. A key gives no scope that it does not have. Answers when every process takes the key.")
            .Takes([Problems.IdempotencyMismatch, Problems.TooMany], typeof(KeyRequest), """{"name": "shop", "scopes": ["gate", "write"], "expires_at": "2027-03-01T00:00:00Z"}""", key: KeyUse.Optional)
            .Gives<KeyResponse>();
        api.MapGet(Path, ListAsync)
            .Needs(Scope.Operate).Says("listKeys", "List the keys", "Newest first; the admin key, which is configuration, last. Revoked and expired ones are shown while there is room. Without secrets.").Takes([]).Gives<Page<KeyResponse>>();
        api.MapDelete(Path + "/{key}", RevokeAsync)
            .Needs(Scope.Operate).Says("revokeKey", "Revoke a key", "Answers when every process refuses it, within a second. The admin key is configuration and is not revoked here.").Takes([Problems.NotFound]).Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, IGrainFactory grains, AccountClocks clocks, KeyRing ring, ApiSetup setup, TimeProvider time)
    {
        var body = await Body.ReadAsync(http);
        var name = body.Fields.Text("name", ApiBounds.NameLength, required: true) ?? "";
        var scopes = ReadScopes(body);
        var expiresAt = body.Fields.Instant("expires_at");
        var given = Idempotency.Read(http, body, isRequired: false);
        if (body.Refusal() is { } refusal) return refusal;
        var caller = Caller.Of(http);
        if (scopes.Exists(scope => caller?.Has(scope) is not true)) return Problem.Of(ProblemCatalog.Forbidden, "A key gives no scope that it does not have.");

        var secret = "bk_" + RandomNumberGenerator.GetHexString(64, lowercase: true);
        var id = "key_" + (given is null ? RandomNumberGenerator.GetHexString(32, lowercase: true) : Ids.Hash("POST", Path, given));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
        var content = Ids.Hash([name, $"{expiresAt}", .. scopes.Select(scope => scope.ToString())]);
        var reply = await grains.Keys().Execute(http.Call(new CreateKey(id, name, [.. scopes], secret[..ShownCharacters], hash, content, expiresAt), clocks.Real.At));
        if (reply is not Done done) return Problem.Of((Refused)reply);
        await KnowAsync(ring, setup, time, http.RequestAborted);
        return (await grains.Keys().Read()).Keys.Find(id) is { } key ? Answer.Ok(KeyResponse.Of(key, seenAt: null, done.Replayed ? null : secret), done.Replayed) : Problem.NoSuch("key");
    }

    private static async Task<IResult> ListAsync(HttpContext http, IGrainFactory grains, KeyRing ring, string? limit, string? after)
    {
        var asked = ListQuery.Read(http);
        if (asked.Refusal is { } refusal) return refusal;
        var state = await grains.Keys().Read();
        var admin = new KeyResponse { Id = KeyRules.Admin, Name = "Billing:AdminKey", Scopes = Enum.GetValues<Scope>(), LastUsedAt = ring.UsedAt(KeyRules.Admin) ?? state.AdminUsedAt };
        return Lists.Page(state.Keys.Reverse().Select(key => KeyResponse.Of(key, ring.UsedAt(key.Id))).Append(admin), asked, key => key.Id);
    }

    private static async Task<IResult> RevokeAsync(string key, HttpContext http, IGrainFactory grains, AccountClocks clocks, KeyRing ring, ApiSetup setup, TimeProvider time)
    {
        if (string.Equals(key, KeyRules.Admin, StringComparison.Ordinal)) return Problem.Of(ProblemCatalog.Forbidden, "The admin key is configuration: change Billing:AdminKey, or its file in the data folder, and start again.");
        var reply = await grains.Keys().Execute(http.Call(new RevokeKey(key), clocks.Real.At));
        if (reply is Refused refused) return Problem.Of(refused);
        await KnowAsync(ring, setup, time, http.RequestAborted);
        return Answer.Nothing;
    }

    /// <summary>Waits until every process has read the keys.</summary>
    private static async Task KnowAsync(KeyRing ring, ApiSetup setup, TimeProvider time, CancellationToken cancellationToken)
    {
        await ring.RefreshAsync(cancellationToken);
        if (setup.IsCluster) await Task.Delay(KeyRing.KnownAfter, time, cancellationToken);
    }

    private static List<Scope> ReadScopes(Body body)
    {
        var scopes = new SortedSet<Scope>();
        foreach (var (json, path) in body.Fields.Items("scopes", 1, Enum.GetValues<Scope>().Length, required: true))
        {
            var word = json.ValueKind == System.Text.Json.JsonValueKind.String ? JsonTexts.String(json) : null;
            var known = Enum.GetValues<Scope>().Where(scope => string.Equals(Needed.Word(scope), word, StringComparison.Ordinal)).ToArray();
            if (known.Length == 0) body.Errors.Add(path, "Must be \"gate\", \"read\", \"write\" or \"operate\".");
            else scopes.Add(known[0]);
        }

        return [.. scopes];
    }
}
