using System.Collections.Immutable;

namespace Billing.Domain.Tests;

/// <summary>Reasons other than nonpayment: set, changed and lifted by an operator, and by nothing else.</summary>
public sealed class HoldRuleTests
{
    private readonly Yard _yard = new();

    [Fact]
    public void Put_Again_ChangesNothing()
    {
        Assert.IsType<Done>(Put(HoldCategory.Fraud, "Stolen card.", Operations.Purchase));
        var before = _yard.State;
        Assert.True(Assert.IsType<Done>(Put(HoldCategory.Fraud, "Stolen card.", Operations.Purchase)).Replayed);

        Assert.Same(before, _yard.State);
        Assert.Single(_yard.Events);
    }

    [Fact]
    public void Put_Changed_StandsSinceItWasSet()
    {
        Put(HoldCategory.Fraud, "Stolen card.", Operations.Purchase);
        _yard.Now = Days.At("3d");
        Put(HoldCategory.Fraud, "Stolen card, reported.", "*");

        var hold = Assert.Single(_yard.State.Holds);
        Assert.Equal((Days.Start, "Stolen card, reported.", "*"), (hold.Since, hold.Reason, Assert.Single(hold.Deny)));
        Assert.Equal(["hold.set", "hold.set"], _yard.Events.Select(e => e.Type));
    }

    [Fact]
    public void Event_OfAHold_DoesNotTellItsReason()
    {
        Put(HoldCategory.Manual, "Jane Doe asked for it.", Operations.Purchase);
        Assert.DoesNotContain("Jane", Assert.Single(_yard.Events).Data.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Holds_OfSeveralCategories_StandInTheOrderOfPrecedence()
    {
        foreach (var category in (HoldCategory[])[HoldCategory.Manual, HoldCategory.Legal, HoldCategory.Dispute, HoldCategory.Fraud]) Put(category, "r", "*");
        Assert.Equal([HoldCategory.Legal, HoldCategory.Fraud, HoldCategory.Dispute, HoldCategory.Manual], _yard.State.Holds.Select(hold => hold.Category));
    }

    [Fact]
    public void Release_LiftsOneAndIsThenNotFound()
    {
        Put(HoldCategory.Legal, "r", "*");
        Put(HoldCategory.Manual, "r", "*");
        Assert.IsType<Done>(Release(HoldCategory.Legal));
        Assert.Equal(HoldCategory.Manual, Assert.Single(_yard.State.Holds).Category);
        Assert.Equal("hold.lifted", _yard.Events[^1].Type);

        Assert.Equal(Problems.NotFound, Yard.Code(Release(HoldCategory.Legal)));
        Assert.Equal(3, _yard.Events.Count);
    }

    [Theory]
    [InlineData((HoldCategory)4, "r", "*", "category")]
    [InlineData(HoldCategory.Manual, " ", "*", "reason")]
    [InlineData(HoldCategory.Manual, "r", "", "deny")]
    [InlineData(HoldCategory.Manual, "r", "purchase,purchases", "deny")]
    public void Put_WhatMakesNoSense_IsRefused(HoldCategory category, string reason, string deny, string path)
    {
        var refused = Assert.IsType<Refused>(Put(category, reason, deny.Split(',', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal((Problems.InvalidRequest, path), (refused.Code, Assert.Single(refused.Errors).Path));
        Assert.Empty(_yard.State.Holds);
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void Deny_AtMost100Operations(int count, bool isTaken) =>
        Assert.Equal(isTaken, Put(HoldCategory.Manual, "r", [.. Enumerable.Repeat(Operations.Purchase, count)]) is Done);

    private Reply Put(HoldCategory category, string reason, params string[] deny) => _yard.Do(draft => Holds.Put(draft, new PutHold(category, [.. deny], reason)));

    private Reply Release(HoldCategory category) => _yard.Do(draft => Holds.Release(draft, new ReleaseHold(category)));
}
