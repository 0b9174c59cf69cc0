#if ORLEANS
using System.Reflection;
using System.Text.Json;
using Billing.Domain;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using Billing.Grains.Tests.Wire;
using Billing.Silo.Desks;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Serialization;

namespace Billing.Grains.Tests.Desks;

/// <summary>
/// What is asked at a desk and answered arrives as it was. The bytes that were once sent are read for ever, as old and new silos run
/// side by side; <c>UPDATE_WIRE=1</c> adds what is missing, as it does for JSON.
/// </summary>
public sealed class DeskMessagesTests
{
    private static readonly Serializer s_serializer = new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    public static TheoryData<GateAnswer> Answers => [Sample.Of<GateAnswer>(), Sample.Of<GateAnswer>() with { Code = null, Message = null, ContextMessage = null, Blockers = [], Next = null, Banner = null, Redirect = false }];

    public static TheoryData<GateCall> Calls => [Sample.Of<GateCall>(), Sample.Of<GateCall>() with { Question = new GateQuestion("purchase"), MinVersion = 0 }];

    [Theory]
    [MemberData(nameof(Answers))]
    public void Answer_ArrivesAsItWas(GateAnswer answer) => Assert.Empty(Sample.Differences(answer, Carry(DeskAnswer.Of(answer)).Read()));

    [Theory]
    [MemberData(nameof(Calls))]
    public void Question_ArrivesAsItWas(GateCall call)
    {
        var arrived = Carry(DeskQuestion.Of("acme", call));

        Assert.Equal("acme", arrived.Account);
        Assert.Equal(call, arrived.Read());
    }

    [Fact]
    public void BytesOnceSent_AreRead()
    {
        // What was frozen as JSON at the same time, so that a new member is missing from both.
        var call = Json<GateCall>();
        var answer = Json<GateResult>().Answer!;

        Assert.Equal(DeskQuestion.Of("acme", call), Frozen("question", DeskQuestion.Of("acme", call)));
        Assert.Empty(Sample.Differences(answer, Frozen("answer", DeskAnswer.Of(answer)).Read()));
    }

    [Fact]
    public void Name_OnceGiven_Stays()
    {
        var types = typeof(IGateDeskGrain).Assembly.GetTypes().Where(type => string.Equals(type.Namespace, typeof(IGateDeskGrain).Namespace, StringComparison.Ordinal));

        Assert.Equal(
            ["billing.desk_answer", "billing.desk_blocker", "billing.desk_invoice", "billing.desk_question", "billing.gate_desk"],
            types.Select(type => type.GetCustomAttribute<AliasAttribute>()?.Alias).OfType<string>().Order(StringComparer.Ordinal));
        Assert.Equal("check", typeof(IGateDeskGrain).GetMethods().Single().GetCustomAttribute<AliasAttribute>()!.Alias);
    }

    private static T Carry<T>(T value) => s_serializer.Deserialize<T>(s_serializer.SerializeToArray(value))!;

    private static T Json<T>() => JsonSerializer.Deserialize<T>(FrozenContractTests.Frozen($"call.{typeof(T).Name}.json", () => throw new FileNotFoundException("It was frozen before this.")), StoredJson.Default.Options)!;

    private static T Frozen<T>(string name, T now) =>
        s_serializer.Deserialize<T>(Convert.FromHexString(FrozenContractTests.Frozen($"desk.{name}.hex", () => Convert.ToHexString(s_serializer.SerializeToArray(now)))))!;
}
#endif
