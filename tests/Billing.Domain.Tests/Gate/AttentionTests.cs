namespace Billing.Domain.Tests;

/// <summary>The list of what needs a human.</summary>
public sealed class AttentionTests
{
    private readonly Yard _yard = new();

    [Fact]
    public void Raise_TheSameMatterAgain_IsOneEntry()
    {
        Raise("deletion_waits", null);
        _yard.Now = Days.At("1d");
        Raise("deletion_waits", null);
        Raise("unknown_payment", "P1");
        Raise("unknown_payment", "P2");

        Assert.Equal(["acme~deletion_waits", "acme~unknown_payment~P1", "acme~unknown_payment~P2"], _yard.State.Attention.Select(entry => entry.Id));
        Assert.Equal(Days.Start, _yard.State.Attention[0].Since);
        Assert.Equal(3, _yard.Events.Count(e => e.Type == "attention.raised"));
    }

    [Fact]
    public void Raise_AtTheBound_DoesNotGrow()
    {
        for (var i = 1; i <= 101; i++) Raise("unknown_payment", $"P{i}");
        Assert.Equal(AttentionRules.Most, _yard.State.Attention.Length);
        Assert.Equal(AttentionRules.Most, _yard.Events.Count);

        Resolve("acme~unknown_payment~P3");
        Raise("unknown_payment", "P101");
        Assert.Equal("P101", _yard.State.Attention[^1].Subject);
    }

    [Fact]
    public void Resolve_TakesItOffOnce()
    {
        Raise("unknown_payment", "P1");
        Assert.IsType<Done>(Resolve("acme~unknown_payment~P1", "k"));
        Assert.Empty(_yard.State.Attention);
        Assert.Equal("attention.resolved", _yard.Events[^1].Type);

        Assert.True(Assert.IsType<Done>(Resolve("acme~unknown_payment~P1", "k")).Replayed);
        Assert.Equal(Problems.NotFound, Yard.Code(Resolve("acme~unknown_payment~P1")));
        Assert.Equal(2, _yard.Events.Count);
    }

    [Fact]
    public void Clear_WhenTheCauseHasGone_TakesItOff()
    {
        Raise("deletion_waits", null);
        Clear("deletion_waits");
        Clear("deletion_waits");
        Assert.Empty(_yard.State.Attention);
        Assert.Equal(["attention.raised", "attention.resolved"], _yard.Events.Select(e => e.Type));
    }

    private void Raise(string kind, string? subject) => _yard.Do(draft =>
    {
        AttentionRules.Raise(draft, kind, subject, "Something waits.", "Look at it.");
        return new Done();
    });

    private void Clear(string kind) => _yard.Do(draft =>
    {
        AttentionRules.Clear(draft, kind, null);
        return new Done();
    });

    private Reply Resolve(string id, string? key = null) => _yard.Do(draft => AttentionRules.Resolve(draft, new ResolveAttention(id, key is null ? null : Some.Key(key))));
}
