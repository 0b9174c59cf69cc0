using System.Text;
using System.Text.Json;
using Billing.Api.Foresight;
using Billing.Grains.Interfaces.Index;

namespace Billing.Api.Policies;

/// <summary>Looks at accounts as if a policy were in force. Nothing is stored.</summary>
internal static class PreviewEndpoint
{
    private const string Example =
        """{"policy": {"standings": [{"name": "overdue", "when": {"unpaid_for": "7d"}, "deny": ["purchase"], "message": "Pay first."}]}, "policy_id": "cloudflare"}""";

    public static void MapPreview(this IEndpointRouteBuilder api) => api.MapPost("/v1/policies/preview", (Delegate)PreviewAsync)
        .Needs(Scope.Operate).Says("previewPolicy", "What a policy would make of accounts", "Who would change standing now if the document were the next version and each account with its episode moved to it, and the first steps of what follows if nothing is paid. Of the accounts named, at most 1000, or of all that follow `policy_id`, a page at a time. Nothing is stored.")
        .Takes([Problems.PolicyInvalid], typeof(PreviewRequest), Example).Gives<PreviewResponse>();

    private static async Task<IResult> PreviewAsync(HttpContext http, IGrainFactory grains, IGrainIndex index, AccountClocks clocks, IPolicyCatalog catalog)
    {
        var body = await Body.ReadAsync(http);
        var fields = body.Fields;
        var document = fields.Find("policy", required: true);
        var policyId = fields.Id("policy_id");
        var accounts = ReadAccounts(fields, body.Errors);
        if (fields.Has("accounts") == fields.Has("policy_id")) body.Errors.Add("", "Must name either accounts or policy_id.");
        var limit = (int)(fields.Whole("limit", 1, ApiBounds.PreviewAccounts) ?? ApiBounds.PageDefault);
        var after = fields.Text("after", ApiBounds.TokenLength);
        if (body.Refusal() is { } refusal) return refusal;

        var text = document!.Value.GetRawText();
        if (Encoding.UTF8.GetByteCount(text) > PolicyBounds.DocumentBytes) return Edge.TooLarge(PolicyBounds.DocumentBytes);
        var id = document.Value.Text("id") is { } named && Ids.IsValid(named) ? named : policyId ?? "preview";
        var reading = PolicyDocument.Parse(document.Value, id);
        if (!reading.IsValid) return Problem.Of(new Refused(Problems.PolicyInvalid, "The policy has errors.", reading.Errors));

        string? next = null;
        if (policyId is not null)
        {
            try
            {
                var page = await index.ListAsync(new IndexQuery("account") { Where = new Dictionary<string, string>(StringComparer.Ordinal) { ["policy"] = policyId }, Limit = limit, After = after }, http.RequestAborted);
                (accounts, next) = ([.. page.Entries.Select(entry => GrainKeys.Id(entry.Key))], page.Next);
            }
            catch (ArgumentException)
            {
                return Problem.Field("after", "Is no cursor of this list.");
            }
        }

        var previews = await Task.WhenAll(accounts.Select(ReadAsync));
        RefuseUnknown(previews, accounts, body.Errors);
        if (body.Errors.Any) return Problem.Fields(body.Errors.All);

        var version = new PolicyRef(id, catalog.Book.Knows(id) ? catalog.Book.InForce(id).Version + 1 : 1);
        var sources = new PolicySources(new Dictionary<PolicyRef, JsonElement> { [version] = document.Value });
        return Answer.Ok(PreviewResponse.Of([.. previews.OfType<PolicyPreview>()], next, sources));

        async Task<PolicyPreview?> ReadAsync(string account) => await clocks.OfAsync(account) is { } now
            ? (await grains.Account(account).Preview(new PreviewCall(id, text, now.At, ApiBounds.PreviewSteps))).Preview
            : null;
    }

    private static string[] ReadAccounts(Fields fields, Errors errors)
    {
        var read = new List<string>();
        foreach (var (json, path) in fields.Items("accounts", 1, ApiBounds.PreviewAccounts))
        {
            if (json.ValueKind != JsonValueKind.String || JsonTexts.String(json) is not { } id || !Ids.IsValid(id)) errors.Add(path, PathIds.Expected);
            else if (read.Contains(id, StringComparer.Ordinal)) errors.Add(path, "Is given more than once.");
            else read.Add(id);
        }

        return [.. read];
    }

    private static void RefuseUnknown(PolicyPreview?[] previews, string[] accounts, Errors errors)
    {
        for (var i = 0; i < previews.Length; i++)
        {
            if (previews[i] is null) errors.Add($"accounts[{i}]", $"There is no account '{accounts[i]}'.");
        }
    }
}
