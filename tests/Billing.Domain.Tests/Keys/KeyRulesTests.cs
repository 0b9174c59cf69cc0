using NodaTime;
using Xunit;

namespace Billing.Domain.Tests.Keys;

/// <summary>The keys of the installation.</summary>
public sealed class KeyRulesTests
{
    private static readonly Instant s_now = Instant.FromUtc(2026, 3, 6, 12, 0);

    [Fact]
    public void OneTooMany_IsRefused_UntilOneIsRevoked()
    {
        var state = new KeysState();
        for (var i = 0; i < KeyRules.MostKeys; i++) state = Decide(state, Create($"key_{i}")).State;
        Assert.Equal(Problems.TooMany, Assert.IsType<Refused>(Decide(state, Create("key_more")).Reply).Code);

        state = Decide(state, new RevokeKey("key_7")).State;
        state = Decide(state, Create("key_more")).State;
        Assert.Equal(KeyRules.MostKeys, state.Keys.Length);
        Assert.Null(state.Keys.Find("key_7"));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Key_IsTakenUntilItExpires(int seconds, bool isAlive)
    {
        var made = KeyRules.Decide(new KeysState(), Create("key_1", s_now + Duration.FromSeconds(seconds)), s_now - Duration.FromHours(1)).State;
        Assert.Equal(isAlive, made.Keys[0].IsAlive(s_now));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Key_ThatWouldHaveExpired_IsNotMade_ButTheCallThatMadeItIsReplayed(int seconds, bool isMade)
    {
        var create = Create("key_1", s_now + Duration.FromSeconds(seconds));
        var reply = Decide(new KeysState(), create).Reply;
        Assert.Equal(isMade ? null : "expires_at", (reply as Refused)?.Errors[0].Path);

        var made = KeyRules.Decide(new KeysState(), create, s_now - Duration.FromHours(1)).State;
        Assert.True(Assert.IsType<Done>(Decide(made, create).Reply).Replayed);
    }

    [Fact]
    public void LastUse_NeverGoesBack()
    {
        var state = Decide(new KeysState(), Create("key_1")).State;
        state = Decide(state, new KeysUsed([new KeyUsed("key_1", s_now), new KeyUsed(KeyRules.Admin, s_now), new KeyUsed("key_none", s_now)])).State;
        var before = state;
        state = Decide(state, new KeysUsed([new KeyUsed("key_1", s_now - Duration.FromHours(1)), new KeyUsed(KeyRules.Admin, s_now - Duration.FromHours(1))])).State;
        Assert.Equal((s_now, s_now), (state.Keys[0].LastUsedAt, state.AdminUsedAt));
        Assert.Same(before, state);
    }

    [Fact]
    public void RevokedKey_IsReadByNoProcess()
    {
        var state = Decide(Decide(new KeysState(), Create("key_1")).State, Create("key_2")).State;
        state = Decide(state, new RevokeKey("key_1")).State;
        Assert.Equal("key_2", Assert.Single(KeyRules.Summary(state)["keys"]!.AsArray())!["id"]!.GetValue<string>());
    }

    private static Decision<KeysState> Decide(KeysState state, Message message) => KeyRules.Decide(state, message, s_now);

    private static CreateKey Create(string id, Instant? expiresAt = null) => new(id, "test", [Scope.Read], "bk_1", id, "content", expiresAt);
}
