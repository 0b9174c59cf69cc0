using System.Collections.Immutable;
using System.Data.Common;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using Billing.Domain;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using NodaTime;
using Npgsql;

namespace Billing.Grains.Tests.Wire;

/// <summary>Whatever a call carries arrives as it was, and can be shared because nobody can change it.</summary>
public sealed class WireTests
{
    private static readonly HashSet<Type> s_immutable =
        [typeof(string), typeof(decimal), typeof(Instant), typeof(Duration), typeof(Currency), typeof(Money), typeof(ImmutableSortedDictionary<string, string>)];

    public static TheoryData<string> Roots => [.. WireTypes.Roots.Select(type => type.Name)];

    public static TheoryData<string> Messages => [.. WireTypes.Messages.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Roots))]
    public void ArgumentOrResult_ArrivesAsItWas(string name) => AssertArrives(Sample.Of(WireTypes.Roots.Single(type => type.Name == name)));

    public static TheoryData<string> Results => [.. WireTypes.Results.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Results))]
    public void Result_ArrivesAsTheAnswerOfItsCall(string name)
    {
        var type = WireTypes.Results.Single(result => result.Name == name);
        var value = Sample.Of(type);

        var arrived = typeof(Carrier).GetMethod(nameof(Carrier.Answer))!.MakeGenericMethod(type).Invoke(null, [value]);

        Assert.Empty(Sample.Differences(value, arrived));
    }

    public static TheoryData<Exception> PassingFailures =>
    [
        new NpgsqlException("the server is away", new SocketException(111)),
        new PostgresException("terminating connection due to administrator command", "FATAL", "FATAL", "57P01"),
    ];

    [Theory]
    [MemberData(nameof(PassingFailures))]
    public void FailureOfTheDatabase_ArrivesAsOne_SoThatCallersAreToldToComeAgain(Exception failure)
    {
        var arrived = Assert.IsAssignableFrom<DbException>(Carrier.Fail(failure));

        Assert.Equal((failure.GetType(), failure.Message), (arrived.GetType(), arrived.Message));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_ArrivesAsItWas(string name)
    {
        var message = (Message)Sample.Of(WireTypes.Messages.Single(type => type.Name == name));

        AssertArrives(new Call(message, Sample.Of<Instant>()));
        AssertArrives(new Delivery("acct/one", 3, message, Sample.Of<Instant>()));
    }

    public static TheoryData<string> States => [.. WireTypes.States.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(States))]
    public void StateOfAGrain_ArrivesOnTheSiloThatItMovesTo(string name)
    {
        var stored = Sample.Of(typeof(Stored<>).MakeGenericType(WireTypes.States.Single(state => state.Name == name)));

        var arrived = typeof(Carrier).GetMethod(nameof(Carrier.Move))!.MakeGenericMethod(stored.GetType()).Invoke(null, [stored]);

        Assert.Empty(Sample.Differences(stored, arrived));
    }

    [Fact]
    public void Nothing_ArrivesAsNothing()
    {
        AssertArrives(new AccountReading(null));
        AssertArrives(new GateResult(null, new Refused(Problems.NotFound, "There is no such account.")));
        AssertArrives(new GateResult(Sample.Of<GateAnswer>()));
        AssertArrives(new InvoiceState());
        AssertArrives(new PaymentState());
        AssertArrives(new PolicyState());
        AssertArrives(new TestClockState());
        AssertArrives(new Done());
    }

    [Fact]
    public void Call_WithinAProcess_SharesWhatItCarries()
    {
        AssertShared(Sample.Of<Call>());
        AssertShared(Sample.Of<AccountReading>());
        AssertShared(Sample.Of<PaymentState>());
        AssertShared<Reply>(Sample.Of<Refused>());
    }

    [Fact]
    public void WhatACallCarries_CannotBeChanged()
    {
        var seen = new HashSet<Type>();
        Assert.Empty(WireTypes.Roots.Concat(WireTypes.Messages).SelectMany(type => Changeable(type, type.Name, seen)));
    }

    private static void AssertArrives(object value) => Assert.Empty(Sample.Differences(value, Carrier.Carry(value)));

    private static void AssertShared<T>(T value) where T : class => Assert.Same(value, Carrier.HandOver(value));

    private static IEnumerable<string> Changeable(Type type, string path, HashSet<Type> seen)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsPrimitive || type.IsEnum || s_immutable.Contains(type)) return [];
        if (Sample.IsArray(type)) return Changeable(type.GetGenericArguments()[0], path + "[]", seen);
        if (type.IsAbstract) return WireTypes.Concrete(type).SelectMany(concrete => Changeable(concrete, concrete.Name, seen));
        if (!WireTypes.IsOurs(type)) return [$"{path}: {type.Name}"];
        return seen.Add(type)
            ? Sample.Properties(type).SelectMany(property => (CanBeSet(property) ? [$"{path}.{property.Name} can be set"] : Array.Empty<string>())
                .Concat(Changeable(property.PropertyType, $"{path}.{property.Name}", seen)))
            : [];
    }

    private static bool CanBeSet(PropertyInfo property) =>
        property.SetMethod is { IsPublic: true } setter && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
}
