namespace Billing.Api.Foresight;

/// <summary>What will become of an account, and why it stands as it stands.</summary>
internal static class ForesightEndpoints
{
    public static void MapForesight(this IEndpointRouteBuilder api)
    {
        api.MapGet("/v1/accounts/{account}/forecast", ForecastAsync)
            .Needs(Scope.Read).Says("getForecast", "What will happen if nothing is paid", "The dated future: planned attempts fail, renewals come, notices are delivered as they are sent, nothing is acknowledged. A payment under way counts as failed when its hold is over. At most 400 days and 400 entries. `next` of the account leaves renewals out; the forecast tells them too.")
            .Takes([Problems.NotFound]).TakesNoQuery().Gives<ForecastResponse>();
        api.MapGet("/v1/accounts/{account}/explain", ExplainAsync)
            .Needs(Scope.Read).Says("explainAccount", "Why an account stands as it stands", "Fact, rule, instant: the conditions that hold and the invoices on which they rest, what holds worse standings off, and when those would come. As data and in sentences.")
            .Takes([Problems.NotFound]).TakesNoQuery().Gives<ExplanationResponse>();
    }

    private static async Task<IResult> ForecastAsync(string account, AccountClocks clocks, IGrainFactory grains)
    {
        if (await clocks.ReadAsync(account) is not { } found || (await grains.Account(account).Forecast(new ReadCall(found.Now.At))).Forecast is not { } forecast) return Problem.NoSuch("account");
        var sources = await PolicySources.ReadAsync(grains, forecast.Entries.Select(entry => entry.Rule));
        return Answer.Ok(new ForecastResponse(
            account, forecast.From, forecast.Until, forecast.IsTruncated, found.View.Profile.Currency!.Value.Code, [.. forecast.Entries.Select(entry => ForecastEntryResponse.Of(entry, sources))]));
    }

    private static async Task<IResult> ExplainAsync(string account, AccountClocks clocks, IGrainFactory grains)
    {
        if (await clocks.ReadAsync(account) is not { } found || (await grains.Account(account).Explain(new ReadCall(found.Now.At))).Explanation is not { } told) return Problem.NoSuch("account");
        var sources = await PolicySources.ReadAsync(grains, told.Standings.Select(standing => standing.Rule));
        return Answer.Ok(ExplanationResponse.Of(found.View.Profile, told, sources));
    }
}
