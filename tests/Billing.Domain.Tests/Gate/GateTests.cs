namespace Billing.Domain.Tests;

/// <summary>What a caller is told: what stands in the way, and what to pay so that it no longer does.</summary>
public sealed class GateTests
{
    private static readonly string Balance = Some.Standings("{}", ("late", """{"unpaid_balance": {"USD": 500}}"""));

    private static readonly string Count = Some.Standings("{}", ("late", """{"unpaid_invoices": 2}"""));

    private static readonly string Age = Some.Standings("{}", ("late", """{"unpaid_for": "10d"}"""));

    [Theory]
    [InlineData("300,300", "1", 300)]
    [InlineData("499,1", "1", 499)]
    [InlineData("499,1,1", "1", 499)]
    [InlineData("100,200,300", "2", 200)]
    [InlineData("600,600", "1,2", 1200)]
    public void Blockers_ByBalance_NewestIsLeftOutFirst(string amounts, string blocking, long toClear) => Blocks(Balance, amounts, blocking, toClear);

    [Theory]
    [InlineData("1,1", "1", 1)]
    [InlineData("5,7,9", "1,2", 12)]
    public void Blockers_ByNumber_NewestIsLeftOutFirst(string amounts, string blocking, long toClear) => Blocks(Count, amounts, blocking, toClear);

    [Fact]
    public void Blockers_ByAge_AreTheOldOnes()
    {
        var world = World.With(Age, clock: null).Issue("1", 10, Collection.Manual, Days.At("1d")).Issue("2", 20, Collection.Manual, Days.At("2d")).Issue("3", 40, Collection.Manual, Days.At("9d")).Go("12d");
        var gate = world.Gate();

        Assert.Equal(["1", "2"], gate.Blockers[0].Invoices.Select(invoice => invoice.Id));
        Assert.Equal(Some.Dollars(30), gate.AmountToClear);
        Assert.Equal(Some.Dollars(70), gate.AmountUnpaid);
    }

    [Fact]
    public void Answer_Allowed_NamesNoBlocker()
    {
        var world = World.With(Balance, clock: null).Issue("1", 499, Collection.Manual, Days.Start);
        var gate = world.Gate();

        Assert.True(gate.Allowed);
        Assert.Empty(gate.Blockers);
        Assert.Equal(Some.Dollars(0), gate.AmountToClear);
        Assert.Equal(Some.Dollars(499), gate.AmountUnpaid);
        Assert.Null(gate.Code);
    }

    [Fact]
    public void Answer_OperationThatTheStandingDoesNotDeny_IsAllowed()
    {
        var world = World.With(Balance, clock: null).Issue("1", 500, Collection.Manual, Days.Start);

        Assert.All(Operations.NeverDenied, operation => Assert.True(world.Gate(operation).Allowed));
        Assert.Equal("late", world.Gate(Operations.PaymentCreate).Standing);
    }

    /// <summary>A view is asked again and again while time passes; it must answer as one that is made for each question.</summary>
    [Fact]
    public void View_AskedAgainAsTimePasses_AnswersAsANewOneDoes()
    {
        var world = World.With(Age, clock: null).Issue("1", 10, Collection.Manual, Days.At("1d")).Issue("2", 20, Collection.Manual, Days.At("2d"));
        var view = new GateView(world.Account(), world.Policies);
        var standings = new List<string>();
        foreach (var day in (string[])["0d", "1d", "2d", "10d", "11d", "12d", "1d", "400d"])
        {
            var question = new GateQuestion(Operations.Purchase);
            var (seen, anew) = (Gate.Decide(view, question, Days.At(day)), Gate.Decide(world.Account(), world.Policies, question, Days.At(day)));
            Assert.Equal(anew with { Blockers = [] }, seen with { Blockers = [] });
            Assert.Equal(anew.Blockers.SelectMany(blocker => blocker.Invoices), seen.Blockers.SelectMany(blocker => blocker.Invoices));
            standings.Add(seen.Standing);
        }

        Assert.Equal(["good", "good", "good", "good", "late", "late", "good", "late"], standings);
        Assert.True(view.IsOf(world.Account(), world.Policies));
        Assert.False(view.IsOf(world.Account() with { Version = 99 }, world.Policies));
    }

    [Theory]
    [InlineData("storage_hold", false)]
    [InlineData("other", true)]
    public void DenyIf_Tagged_DeniesThemAlone(string tag, bool isAllowed)
    {
        const string Document = """{"standings": [{"name": "late", "when": {"collection_failed": true}, "deny_if": [{"tagged": "storage_hold", "deny": ["storage.access"]}], "message": "Pay."}]}""";
        var world = World.With(Document, clock: null).Issue("1", 5, Collection.Manual, Days.Start);
        world.TellAccount(new PutAccount(["tags"], new AccountProfile { Id = Some.Account, Tags = [tag] }));

        Assert.Equal(isAllowed, world.Gate(Operations.StorageAccess).Allowed);
    }

    [Theory]
    [InlineData(null, "2026-03-04")]
    [InlineData("Pacific/Auckland", "2026-03-05")]
    [InlineData("America/New_York", "2026-03-04")]
    public void Banner_DueDate_IsInTheAccountsZone(string? zone, string date)
    {
        const string Document = """{"standings": [{"name": "late", "when": {"collection_failed": true}, "banner": "{amount_due} since {due_date}"}]}""";
        var world = World.With(Document, clock: null);
        world.TellAccount(new PutAccount(["time_zone"], new AccountProfile { Id = Some.Account, TimeZone = zone }));
        world.Issue("1", 1205, Collection.Manual, Days.At("3d12h")).Issue("2", 95, Collection.Manual, Days.At("9d")).Go("10d");

        Assert.Equal($"13.00 USD since {date}", world.Gate().Banner);
        Assert.Equal(world.Gate().Banner, world.View().Banner);
    }

    [Fact]
    public void Next_IfNothingIsPaid_IsTheNextStep()
    {
        var world = World.With(Some.Standings("""{"retry_after": ["1d", "4d"]}""", ("a", """{"collection_failed": true}"""), ("b", """{"retries_exhausted": true}"""), ("c", """{"in_standing": {"b": "2d"}}""")))
            .Method("card", "decline:x");
        world.Issue("1", 5, Collection.Manual, Days.At("9d"));
        Assert.Equal(new StandingStep("a", Days.At("9d")), world.Gate().Next);

        world.Issue("2", 5);
        Assert.Equal(new StandingStep("b", Days.At("4d")), world.Gate().Next);
        world.Go("4d");
        Assert.Equal(new StandingStep("c", Days.At("6d")), world.Gate().Next);
        world.Go("6d");
        Assert.Null(world.Gate().Next);
    }

    [Fact]
    public void Next_WhileTheFirstAttemptIsUnderWay_CountsItAsFailed()
    {
        var world = World.With(Some.Standings("""{"retry_after": ["1d", "4d"]}""", ("a", """{"retries_exhausted": true}"""))).Method("card", "decline:x");
        world.Begin(GrainKeys.Account(Some.Account), new IssueInvoice("1", new InvoiceContent { Lines = [new InvoiceLine("work", 500)] }));
        world.Begin(GrainKeys.Account(Some.Account), new BeginRung("1", 0));

        Assert.NotNull(world.Account().Invoices[0].ReservedBy);
        Assert.Equal(new StandingStep("a", Days.At("4d")), world.Gate().Next);
    }

    private static void Blocks(string document, string amounts, string blocking, long toClear)
    {
        var world = World.With(document, clock: null);
        var ids = amounts.Split(',').Select((amount, i) => (Id: $"{i + 1}", Amount: long.Parse(amount, System.Globalization.CultureInfo.InvariantCulture))).ToArray();
        foreach (var (id, amount) in ids) world.Issue(id, amount, Collection.Manual, Days.Start);
        world.Go("1d");
        var gate = world.Gate();
        Assert.False(gate.Allowed);
        Assert.Equal(blocking, string.Join(',', gate.Blockers[0].Invoices.Select(invoice => invoice.Id)));
        Assert.Equal(Some.Dollars(toClear), gate.AmountToClear);

        world.Accept(world.PayWith("ok", blocking.Split(',')));
        Assert.True(world.Gate().Allowed);
        Assert.Equal(Some.Dollars(toClear), world.Gateway.Charges[^1].Amount);
    }
}
