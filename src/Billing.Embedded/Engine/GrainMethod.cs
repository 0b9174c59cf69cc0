using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using Orleans;
using Orleans.Concurrency;

namespace Billing.Embedded.Engine;

/// <summary>A method of a grain interface, compiled once: how to call it on a grain, and what its attributes say.</summary>
internal abstract class GrainMethod(MethodInfo method)
{
    private static readonly ConcurrentDictionary<MethodInfo, GrainMethod> s_methods = new();

    public string Name { get; } = $"{method.DeclaringType?.Name}.{method.Name}";

    public bool Interleaves { get; } = method.IsDefined(typeof(AlwaysInterleaveAttribute));

    /// <summary><see langword="null"/>: the engine's default.</summary>
    public TimeSpan? Timeout { get; } = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;

    public static GrainMethod Of(MethodInfo method) => s_methods.GetOrAdd(method, static method => Compile(method));

    /// <summary>Sends the call.</summary>
    /// <returns>What the method returns: a task of the declared type.</returns>
    public abstract object Send(Catalog catalog, GrainAddress address, object?[] arguments);

    /// <summary>The one shape that all bodies have, whichever of the four task types the method returns.</summary>
    private static GrainMethod Compile(MethodInfo method)
    {
        var returned = method.ReturnType;
        var result = returned.IsGenericType ? returned.GetGenericArguments()[0] : typeof(object);
        var isTask = returned == typeof(Task) || (returned.IsGenericType && returned.GetGenericTypeDefinition() == typeof(Task<>));
        var isValueTask = returned == typeof(ValueTask) || (returned.IsGenericType && returned.GetGenericTypeDefinition() == typeof(ValueTask<>));
        if (!isTask && !isValueTask)
            throw new NotSupportedException($"{method.DeclaringType}.{method.Name} returns {returned}; a grain's method returns a task.");

        var grain = Expression.Parameter(typeof(object));
        var arguments = Expression.Parameter(typeof(object?[]));
        Expression body = Expression.Call(
            Expression.Convert(grain, method.DeclaringType!),
            method,
            method.GetParameters().Select((parameter, i) => Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(i)), parameter.ParameterType)));
        if (isValueTask) body = Expression.Call(body, nameof(ValueTask.AsTask), null);
        if (!returned.IsGenericType) body = Expression.Call(typeof(GrainMethod), nameof(WithoutResultAsync), null, body);

        var task = Expression.Parameter(typeof(Task<>).MakeGenericType(result));
        Expression answer = returned == typeof(ValueTask) ? Expression.New(typeof(ValueTask).GetConstructor([typeof(Task)])!, task)
            : isValueTask ? Expression.New(returned.GetConstructor([task.Type])!, task)
            : task;
        return (GrainMethod)Activator.CreateInstance(
            typeof(GrainMethod<>).MakeGenericType(result),
            method,
            Expression.Lambda(body, grain, arguments).Compile(),
            Expression.Lambda(Expression.Convert(answer, typeof(object)), task).Compile())!;
    }

    private static async Task<object?> WithoutResultAsync(Task task)
    {
        await task;
        return null;
    }
}

/// <inheritdoc/>
/// <typeparam name="T">The type of the answer; <see cref="object"/> where there is none.</typeparam>
internal sealed class GrainMethod<T>(MethodInfo method, Func<object, object?[], Task<T>> body, Func<Task<T>, object> answer) : GrainMethod(method)
{
    public Func<object, object?[], Task<T>> Body { get; } = body;

    public override object Send(Catalog catalog, GrainAddress address, object?[] arguments) =>
        answer(GrainCall<T>.SendAsync(catalog, address, this, arguments));
}
