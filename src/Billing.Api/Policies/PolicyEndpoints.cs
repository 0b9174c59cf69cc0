using System.Globalization;
using System.Text.Json;
using Billing.Silo;

namespace Billing.Api.Policies;

/// <summary>Policies: the versioned data that says how invoices are collected and what being unpaid leads to.</summary>
internal static class PolicyEndpoints
{
    private static readonly string Schema = PolicySchema.Document.GetRawText();

    /// <summary>Paths below <c>/v1/policies</c> that are not policies.</summary>
    private static readonly string[] Reserved = ["defaults", "schema", "validate", "preview"];

    public static void MapPolicies(this IEndpointRouteBuilder api)
    {
        api.MapPut("/v1/policies/{policy}", PutAsync)
            .Needs(Scope.Operate).Says("putPolicy", "Put a policy in force", "Makes a new version, or none where the document is the same. Answers when every process knows it. At most 64 KiB, 200 versions.")
            .Takes([Problems.PolicyInvalid, Problems.TooMany], typeof(JsonElement), """{"standings": [{"name": "overdue", "when": {"retries_exhausted": true}, "deny": ["purchase"], "message": "Pay first."}]}""").Gives<PolicyResponse>();
        api.MapGet("/v1/policies/{policy}", GetAsync)
            .Needs(Scope.Read).Says("getPolicy", "A policy", "The version in force.").Takes([Problems.NotFound]).TakesNoQuery().Gives<PolicyResponse>();
        api.MapGet("/v1/policies/{policy}/versions/{version}", GetVersionAsync)
            .Needs(Scope.Read).Says("getPolicyVersion", "A version of a policy", "A version never changes.").Takes([Problems.NotFound]).TakesNoQuery().Gives<PolicyResponse>();
        api.MapPost("/v1/policies/validate", (Delegate)ValidateAsync)
            .Needs(Scope.Operate).Says("validatePolicy", "Check a policy", "Reads the document whole and lists every error; nothing is stored.").Takes([], typeof(JsonElement), """{"standings": []}""").Gives<PolicyValidationResponse>();
        api.MapGet("/v1/policies/defaults", () => Answer.Ok(new PolicyDefaultsResponse(PolicyDefaults.Document, PolicyDefaults.Standing)))
            .Needs(Scope.Read).Says("getPolicyDefaults", "What a policy says where it says nothing", "In the policy's own language.").Takes([]).TakesNoQuery().Gives<PolicyDefaultsResponse>();
        api.MapGet("/v1/policies/schema", () => Results.Text(Schema, PolicySchema.ContentType))
            .Needs(Scope.Read).Says("getPolicySchema", "The language of policies", "As JSON Schema (draft 2020-12): an editor that is given it completes and checks.").Takes([]).Produces<JsonElement>(StatusCodes.Status200OK, PolicySchema.ContentType);
    }

    private static async Task<IResult> PutAsync(string policy, HttpContext http, IGrainFactory grains, AccountClocks clocks, IPolicyCatalog catalog, ApiSetup setup, BillingOptions options, TimeProvider time)
    {
        var body = await Body.ReadAsync(http, PolicyBounds.DocumentBytes);
        if (body.Malformed is { } malformed) return malformed;
        body.CheckId("policy", policy);
        if (Reserved.Contains(policy, StringComparer.OrdinalIgnoreCase)) body.Errors.Add("policy", "Is not free: it is a path of its own.");
        if (body.Errors.Any) return Problem.Fields(body.Errors.All);
        var reading = PolicyDocument.Parse(body.Json, policy);
        if (!reading.IsValid) return Problem.Of(new Refused(Problems.PolicyInvalid, "The policy has errors and was not put in force.", reading.Errors));

        var reply = await grains.Policy(policy).Execute(http.Call(new PutPolicy(body.Json.GetRawText(), OnlyFirst: false), clocks.Real.At));
        if (reply is Refused refused) return Problem.Of(refused);
        await catalog.RefreshAsync(http.RequestAborted);
        if (setup.IsCluster) await Task.Delay(options.PolicyKnownAfter, time, http.RequestAborted);
        return await ShowAsync(policy, version: null, grains);
    }

    private static Task<IResult> GetAsync(string policy, IGrainFactory grains) => ShowAsync(policy, version: null, grains);

    private static async Task<IResult> GetVersionAsync(string policy, string version, IGrainFactory grains) =>
        int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? await ShowAsync(policy, number, grains) : Problem.NoSuch("policy version");

    private static async Task<IResult> ValidateAsync(HttpContext http)
    {
        var body = await Body.ReadAsync(http, PolicyBounds.DocumentBytes);
        if (body.Malformed is { } malformed) return malformed;
        var id = body.Json.Text("id") is { } named && Ids.IsValid(named) ? named : "policy";
        var reading = PolicyDocument.Parse(body.Json, id);
        return Answer.Ok(new PolicyValidationResponse(reading.IsValid, [.. reading.Errors.Select(error => new FieldErrorResponse(error.Path, error.Message))]));
    }

    private static async Task<IResult> ShowAsync(string policy, int? version, IGrainFactory grains)
    {
        if (!Ids.IsValid(policy)) return Problem.NoSuch("policy");
        var versions = (await grains.Policy(policy).Read()).Versions;
        var number = version ?? versions.Length;
        if (number < 1 || number > versions.Length) return Problem.NoSuch(version is null ? "policy" : "policy version");
        return Answer.Ok(new PolicyResponse(policy, number, versions[number - 1].At, JsonElement.Parse(versions[number - 1].Document)));
    }
}
