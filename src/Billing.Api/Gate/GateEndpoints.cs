using System.Globalization;
using Billing.Grains.Accounts;
using Microsoft.AspNetCore.Mvc;

namespace Billing.Api.Gate;

/// <summary>
/// The gate: asked before everything that an account does, so it is kept lean. One read of the account's durable facts, no
/// body, no log, no result object.
/// </summary>
internal static class GateEndpoints
{
    private const string Example = """{"checks": [{"account": "acme", "operation": "purchase"}, {"account": "globex", "operation": "resource.create", "min_version": 7}]}""";

    public static void MapGate(this IEndpointRouteBuilder api)
    {
        // Taken once: a service that a handler asks for is looked up in a scope that each request then makes and disposes of.
        var services = api.ServiceProvider;
        var (gates, clocks, page) = (services.GetRequiredService<IGates>(), services.GetRequiredService<AccountClocks>(), services.GetRequiredService<PaymentPage>());
        var check = api.MapGet("/v1/accounts/{account}/gate", static (string account, string? operation, string? context, [FromQuery(Name = "min_version")] string? minVersion) => Task.CompletedTask)
            .Needs(Scope.Gate, Scope.Read).Says("checkGate", "May this account do this now?", "`200` whether allowed or denied. `min_version` insists on an answer that knows of at least so many facts, such as a payment's `standing_version`.")
            .Takes([Problems.NotFound, Problems.OperationUnknown, Problems.Unavailable]).Gives<GateResponse>();
        // The signature is for the OpenAPI document alone: binding by it would make a collection of the query for each call.
        check.Add(endpoint => endpoint.RequestDelegate = http => CheckAsync(http, gates, clocks, page));
        api.MapPost("/v1/gate/check", CheckManyAsync)
            .NeedsForEach(Scope.Gate).Says("checkGates", "Ask the gate up to 1000 questions", "Each counts as a call of the key. The answers are in the order of the questions, each decided at its moment. A question that has no answer has its `error` in its place.")
            .Takes([Problems.RateLimited], typeof(GateCheckRequest), Example).Gives<GateBatchResponse>();
    }

    private static async Task CheckAsync(HttpContext http, IGates gates, AccountClocks clocks, PaymentPage page)
    {
        var account = (string)http.Request.RouteValues["account"]!;
        var query = GateQuery.Read(http.Request.QueryString);
        if (Wrong(query, out var version) is { } wrong)
        {
            await wrong.ExecuteAsync(http);
            return;
        }

        if (await clocks.OfAsync(account) is not { } now)
        {
            await Problem.NoSuch("account").ExecuteAsync(http);
            return;
        }

        var call = new GateCall(new GateQuestion(query.Operation!, query.Context), now.At, version);
        var result = await gates.CheckAsync(account, call);
        if (result.Answer is { } answer) await Answer.WriteAsync(http, GateResponse.Of(answer, page), ApiJson.Default.GateResponse);
        else await Problem.Of(result.Refused!).ExecuteAsync(http);
    }

    private static Problem? Wrong(GateQuery query, out long version)
    {
        var (operation, context, minVersion) = (query.Operation, query.Context, query.MinVersion);
        version = 0;
        var isVersion = minVersion is null || long.TryParse(minVersion, NumberStyles.None, CultureInfo.InvariantCulture, out version);
        if (Operations.IsWellFormed(operation) && (context is null || IsContext(context)) && isVersion && query.Unknown is null) return null;
        var errors = new Errors();
        if (operation is null) errors.Add("operation", "Is required.");
        else if (!Operations.IsWellFormed(operation)) errors.Add("operation", ExpectedOperation);
        if (context is not null && !IsContext(context)) errors.Add("context", ExpectedContext);
        if (!isVersion) errors.Add("min_version", "Must be a whole number.");
        foreach (var name in query.Unknown ?? []) errors.Add(name, ListQuery.Unknown);
        return Problem.Fields(errors.All);
    }

    private static async Task<IResult> CheckManyAsync(HttpContext http, IGates gates, AccountClocks clocks, PaymentPage page)
    {
        var body = await Body.ReadAsync(http);
        var questions = body.Fields.Objects("checks", 1, ApiBounds.GateChecks, required: true).Select(Read).ToArray();
        if (body.Refusal() is { } refusal) return refusal;
        if (!Caller.Of(http)!.TryTakeQuestions(questions.Length)) return Caller.TooMany;
        return Answer.Ok(new GateBatchResponse(await Task.WhenAll(questions.Select(CheckOneAsync))));

        async Task<GateItem> CheckOneAsync((string Account, GateQuestion Question, long MinVersion) asked)
        {
            if (await clocks.OfAsync(asked.Account) is not { } now) return Failure(asked.Account, asked.Question, new Refused(Problems.NotFound, "There is no such account."));
            var call = new GateCall(asked.Question, now.At, asked.MinVersion);
            var result = await gates.CheckAsync(asked.Account, call);
            return result.Answer is { } answer ? GateResponse.Of(answer, page) : Failure(asked.Account, asked.Question, result.Refused!);
        }
    }

    private static (string Account, GateQuestion Question, long MinVersion) Read(Fields fields)
    {
        var account = fields.Id("account", required: true) ?? "";
        var operation = fields.Text("operation", ApiBounds.TagLength, required: true);
        if (operation is not null && !Operations.IsWellFormed(operation)) fields.Refuse("operation", ExpectedOperation);
        var context = fields.Text("context", ApiBounds.TagLength);
        return (account, new GateQuestion(operation ?? "", context), fields.Whole("min_version", 0, long.MaxValue) ?? 0);
    }

    private static GateFailureResponse Failure(string account, GateQuestion question, Refused refused) =>
        new(account, question.Operation, new GateErrorResponse(refused.Code, refused.Detail));

    private const string ExpectedOperation = "Must be a dotted name in lower-case letters, digits and underscores, such as \"purchase\", at most 64 characters.";
    private const string ExpectedContext = "Must be 1 to 64 characters without control characters.";

    private static bool IsContext(string context) => context.Length is > 0 and <= ApiBounds.TagLength && !context.Any(char.IsControl);
}
