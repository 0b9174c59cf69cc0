namespace Billing.Api.TestClocks;

/// <summary>Test clocks: years of billing in a second.</summary>
internal static class TestClockEndpoints
{
    public static void MapTestClocks(this IEndpointRouteBuilder api)
    {
        api.MapPut("/v1/test_clocks/{clock}", PutAsync)
            .Needs(Scope.Operate).Says("putTestClock", "Make a test clock", "Idempotent until it is advanced; then another `now` than the one it has reached is `id_taken`, since a clock goes forward only. Take another name to play a story again. Accounts made with `test_clock` live on it for life.")
            .Takes([Problems.IdTaken], typeof(TestClockRequest), """{"now": "2026-03-01T00:00:00Z"}""").Gives<TestClockResponse>();
        api.MapGet("/v1/test_clocks/{clock}", GetAsync)
            .Needs(Scope.Read).Says("getTestClock", "A test clock", "While it advances, `now` is the instant that it has reached.").Takes([Problems.NotFound]).TakesNoQuery().Gives<TestClockResponse>();
        api.MapPost("/v1/test_clocks/{clock}/advance", AdvanceAsync)
            .Needs(Scope.Operate).Says("advanceTestClock", "Move a test clock forward", "Runs everything due up to `to`, in order, and answers `200` when all is quiet; `202` with `status: advancing` past 20 seconds. Forward only, any distance.")
            .Takes([Problems.NotFound, Problems.ClockAdvancing], typeof(AdvanceRequest), """{"to": "2026-03-06T00:00:00Z"}""").Gives<TestClockResponse>(200, 202);
    }

    private static async Task<IResult> PutAsync(string clock, HttpContext http, IGrainFactory grains, AccountClocks clocks)
    {
        var body = await Body.ReadAsync(http);
        body.CheckId("clock", clock);
        var now = body.Fields.Instant("now", required: true);
        if (body.Refusal() is { } refusal) return refusal;
        var reply = await grains.TestClock(clock).Execute(http.Call(new PutTestClock(now!.Value), clocks.Real.At));
        return reply is Refused refused ? Problem.Of(refused) : Answer.Ok(TestClockResponse.Of(clock, await grains.TestClock(clock).Read()));
    }

    private static async Task<IResult> GetAsync(string clock, IGrainFactory grains) =>
        Ids.IsValid(clock) && await grains.TestClock(clock).Read() is { Now: not null } state ? Answer.Ok(TestClockResponse.Of(clock, state)) : Problem.NoSuch("test clock");

    private static async Task<IResult> AdvanceAsync(string clock, HttpContext http, IGrainFactory grains, AccountClocks clocks, Patience patience)
    {
        var body = await Body.ReadAsync(http);
        var to = body.Fields.Instant("to", required: true);
        if (body.Refusal() is { } refusal) return refusal;
        if (!Ids.IsValid(clock)) return Problem.NoSuch("test clock");
        var grain = grains.TestClock(clock);
        if (await grain.Execute(http.Call(new AdvanceTestClock(to!.Value), clocks.Real.At)) is Refused refused) return Problem.Of(refused);
        var (state, isQuiet) = await patience.UntilAsync(grain.Read, state => state.Target is null, TimeSpan.FromSeconds(ApiBounds.AdvanceSeconds), http.RequestAborted);
        var answer = TestClockResponse.Of(clock, state);
        return isQuiet ? Answer.Ok(answer) : Answer.Accepted(answer);
    }
}
