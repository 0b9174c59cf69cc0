using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace Billing.Domain.Tests.Webhooks;

/// <summary>
/// Whatever fails, whenever a process dies, and in whatever order answers come: an account's events arrive in order, each at
/// least once, and the cursor never passes one that has not arrived.
/// </summary>
public sealed class DeliveryPropertyTests
{
    [Fact]
    public void WhateverFails_EachEventArrives_InOrder_AndTheCursorPassesNone()
    {
        var histories = Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary();
        Prop.ForAll(histories, seed => new SubscriberWorld(seed).Run()).Check(Properties.Of(200));
    }

    [Fact]
    public void AWorldThatForgetsWhatItPassed_IsFoundOut()
    {
        // The check itself is checked: a cursor that is moved past what is under way is noticed.
        Assert.Contains(Enumerable.Range(0, 200), seed => Record.Exception(() => new SubscriberWorld(seed) { Sabotage = state => state with { Lanes = [] } }.Run()) is not null);
    }
}
