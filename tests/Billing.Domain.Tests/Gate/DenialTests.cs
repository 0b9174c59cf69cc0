using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>Holds, nonpayment and the want of a subscription, alone and together, as the gate tells them.</summary>
public sealed class DenialTests
{
    private static readonly Policy Rules = Some.Policy(Some.Standings("{}", ("late", """{"unpaid_for": "1d"}"""))) with
    {
        RequiresSubscription = [Operations.CreditsUse, Operations.Login],
        MessageContexts = ImmutableDictionary<string, string>.Empty.Add("page", "The balance has to be paid."),
    };

    private static readonly PolicyBook Policies = PolicyBook.Empty.With(Some.PolicyId, [Rules]);

    private AccountState _account = AccountRules.Decide(new AccountState(), Some.Profile(), Days.Start, Policies).State;

    [Fact]
    public void Hold_WithNothingOwed_Denies()
    {
        Hold(HoldCategory.Fraud, "Stolen card.", Operations.Purchase);
        var answer = Ask(Operations.Purchase);

        Assert.Equal((false, "good", "hold_fraud", "Stolen card."), (answer.Allowed, answer.Standing, answer.Code, answer.Message));
        Assert.Equal(("fraud", "Stolen card.", 0), (Assert.Single(answer.Blockers).Category, answer.Blockers[0].Reason, answer.Blockers[0].Invoices.Length));
        Assert.Equal(Some.Dollars(0), answer.AmountToClear);
        Assert.True(Ask(Operations.ResourceCreate).Allowed);
    }

    [Fact]
    public void Blockers_ComeInTheOrderOfPrecedence()
    {
        foreach (var category in Enum.GetValues<HoldCategory>().Reverse()) Hold(category, $"Because of {category}.", "*");
        Owe();

        var purchase = Ask(Operations.Purchase);
        Assert.Equal(["legal", "fraud", "dispute", "manual", "nonpayment"], purchase.Blockers.Select(blocker => blocker.Category));
        Assert.Equal(("hold_legal", "Because of Legal."), (purchase.Code, purchase.Message));
        Assert.Equal(Some.Dollars(500), purchase.AmountToClear);
        Assert.Equal(["legal", "fraud", "dispute", "manual", "subscription_required"], Ask(Operations.CreditsUse).Blockers.Select(blocker => blocker.Category));
    }

    [Fact]
    public void Nonpayment_BesideAMilderReason_ComesFirst()
    {
        var rule = Rules.Standings[0];
        var policies = PolicyBook.Empty.With(Some.PolicyId, [Rules with { Standings = [rule with { Deny = [Operations.CreditsUse] }] }]);
        Owe();
        var answer = Domain.Gate.Decide(_account, policies, new GateQuestion(Operations.CreditsUse), Days.At("2d"));

        Assert.Equal(["nonpayment", "subscription_required"], answer.Blockers.Select(blocker => blocker.Category));
        Assert.Equal((rule.Code, rule.Message), (answer.Code, answer.Message));
        Assert.Equal(Some.Dollars(500), answer.AmountToClear);
    }

    [Fact]
    public void Paying_LiftsNonpaymentAlone()
    {
        Hold(HoldCategory.Manual, "Under review.", Operations.Purchase);
        Owe();
        Assert.Equal(["manual", "nonpayment"], Ask(Operations.Purchase).Blockers.Select(blocker => blocker.Category));

        _account = _account with { Invoices = [], Episode = null, Standing = _account.Standing! with { Name = StandingRecord.Good } };
        Assert.Equal(["manual"], Ask(Operations.Purchase).Blockers.Select(blocker => blocker.Category));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(SubscriptionStatus.Incomplete, false)]
    [InlineData(SubscriptionStatus.Active, true)]
    [InlineData(SubscriptionStatus.PastDue, true)]
    [InlineData(SubscriptionStatus.Cancelled, false)]
    public void RequiresSubscription_NeedsOneThatRuns(SubscriptionStatus? status, bool isAllowed)
    {
        if (status is { } has) Subscribe(has);
        if (status == SubscriptionStatus.PastDue) Owe("S1");
        var answer = Ask(Operations.CreditsUse);

        Assert.Equal(isAllowed, answer.Allowed);
        Assert.Equal(isAllowed ? null : "subscription_required", answer.Code);
        Assert.Equal(isAllowed, answer.Message is null);
        Assert.True(Ask(Operations.ResourceRead).Allowed);
    }

    [Fact]
    public void NeverDenied_ByNonpaymentOrWantOfASubscription()
    {
        var all = Rules.Standings[0] with { Deny = [.. Operations.House] };
        var policies = PolicyBook.Empty.With(Some.PolicyId, [Rules with { Standings = [all], RequiresSubscription = [.. Operations.House] }]);
        Owe();

        Assert.All(Operations.House, operation => Assert.Equal(
            Operations.NeverDenied.Contains(operation), Domain.Gate.Decide(_account, policies, new GateQuestion(operation), Days.At("2d")).Allowed));
    }

    [Fact]
    public void Hold_MayDenyWhatNonpaymentNever()
    {
        Hold(HoldCategory.Legal, "A court says so.", Operations.DataExport, Operations.Login);
        Assert.False(Ask(Operations.DataExport).Allowed);
        Assert.False(Ask(Operations.Login).Redirect);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, false)]
    public void Redirect_IsTheStandings(bool redirects, bool isHeld, bool expected)
    {
        var policies = PolicyBook.Empty.With(Some.PolicyId, [Rules with { Standings = [Rules.Standings[0] with { LoginRedirect = redirects }], RequiresSubscription = [] }]);
        Owe();
        if (isHeld) Hold(HoldCategory.Manual, "r", "*");
        GateAnswer Decide(string operation) => Domain.Gate.Decide(_account, policies, new GateQuestion(operation), Days.At("2d"));

        Assert.Equal((expected, !isHeld), (Decide(Operations.Login).Redirect, Decide(Operations.Login).Allowed));
        Assert.False(Decide(Operations.AccountClose).Redirect);
    }

    [Fact]
    public void ContextMessage_SpeaksOfNonpaymentAlone()
    {
        Owe();
        Assert.Equal("The balance has to be paid.", Ask(Operations.Purchase, "page").ContextMessage);
        Assert.Null(Ask(Operations.Purchase, "other").ContextMessage);
        Assert.Null(Ask(Operations.ResourceRead, "page").ContextMessage);

        Hold(HoldCategory.Manual, "Under review.", "*");
        Assert.Null(Ask(Operations.Purchase, "page").ContextMessage);
    }

    [Fact]
    public void WrittenOff_IsNeitherABlockerNorUnpaid()
    {
        Owe();
        var first = _account.Invoices[0];
        _account = _account with { Invoices = [first with { Id = "I0", IsWrittenOff = true, Due = Some.Dollars(70) }, first] };
        var answer = Ask(Operations.Purchase);

        Assert.Equal("I1", Assert.Single(answer.Blockers[0].Invoices).Id);
        Assert.Equal((Some.Dollars(500), Some.Dollars(500)), (answer.AmountUnpaid, answer.AmountToClear));
    }

    private GateAnswer Ask(string operation, string? context = null) => Domain.Gate.Decide(_account, Policies, new GateQuestion(operation, context), Days.At("2d"));

    private void Hold(HoldCategory category, string reason, params string[] deny) => _account = _account with { Holds = _account.Holds.Add(new Hold(category, [.. deny], reason, Days.Start)) };

    private void Subscribe(SubscriptionStatus status) => _account = _account with
    {
        Subscriptions = [new Subscription { Id = "S1", Plan = "pro", Amount = Some.Dollars(900), StartsAt = Days.Start, Status = status == SubscriptionStatus.PastDue ? SubscriptionStatus.Active : status }],
    };

    /// <summary>An invoice unpaid for two days.</summary>
    private void Owe(params string[] subscriptions)
    {
        var version = new PolicyRef(Some.PolicyId, 1);
        _account = _account with
        {
            Invoices = [new OpenInvoice { Id = "I1", Number = "1", Sequence = 1, Collection = Collection.Manual, Rules = version, IssuedAt = Days.Start, DueAt = Days.Start, Total = Some.Dollars(500), Due = Some.Dollars(500), UnpaidSince = Days.Start, Subscriptions = [.. subscriptions] }],
            Episode = new Episode(Days.Start, version),
            Standing = new StandingRecord { Name = "late", Since = Days.At("1d"), AsOf = Days.At("2d") },
        };
    }
}
