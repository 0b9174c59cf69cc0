#if ORLEANS
using Billing.Silo;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace Billing.Grains.Tests.Wire;

/// <summary>Between silos calls go over the wire; within a silo Orleans copies what is not known to be immutable.</summary>
internal static class Carrier
{
    private static readonly ServiceProvider s_services = new ServiceCollection().AddWireJson().BuildServiceProvider();

    public static object Carry(object value) =>
        s_services.GetRequiredService<Serializer>().Deserialize<object>(s_services.GetRequiredService<Serializer>().SerializeToArray<object>(value))!;

    /// <summary>As the answer of a call that promises a type, between two processes.</summary>
    public static object? Answer<T>(T value) =>
        s_services.GetRequiredService<Serializer>().Deserialize<Response>(s_services.GetRequiredService<Serializer>().SerializeToArray<Response>(Response.FromResult(value)))!.Result;

    /// <summary>As the failure of a call between two processes.</summary>
    public static Exception Fail(Exception failure) =>
        s_services.GetRequiredService<Serializer>().Deserialize<Response>(s_services.GetRequiredService<Serializer>().SerializeToArray<Response>(Response.FromException(failure)))!.Exception!;

    /// <summary>As an activation takes it along to another silo.</summary>
    public static T Move<T>(T stored) where T : class
    {
        var serializer = s_services.GetRequiredService<Serializer<GrainState<T>>>();
        var state = serializer.Deserialize(serializer.SerializeToArray(new GrainState<T>(stored, "7") { RecordExists = true }))!;
        Assert.Equal(("7", true), (state.ETag, state.RecordExists));
        return state.State!;
    }

    public static T HandOver<T>(T value) => s_services.GetRequiredService<DeepCopier<T>>().Copy(value)!;
}
#endif
