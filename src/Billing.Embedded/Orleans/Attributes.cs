using System.Globalization;

namespace Orleans.Concurrency
{
    /// <summary>A method of a grain interface that may start while a request of the same activation awaits. Turns never overlap all the same.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class AlwaysInterleaveAttribute : Attribute;
}

namespace Orleans
{
    /// <summary>How long a caller waits for this method of a grain interface, instead of the engine's default.</summary>
    /// <param name="timeout">In the invariant form of a <see cref="TimeSpan"/>, such as <c>00:00:20</c>.</param>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
    {
        /// <summary>The time; more than zero.</summary>
        public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);
    }

    /// <summary>Names a grain type; without it the name is the class's, in lower case and without <c>grain</c> at its end.</summary>
    /// <param name="grainType">Unique within the process.</param>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class GrainTypeAttribute(string grainType) : Attribute
    {
        internal string Name { get; } = grainType;
    }

    /// <summary>A message type of the cluster. The embedded engine passes references and needs no serializer.</summary>
    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
    public sealed class GenerateSerializerAttribute : Attribute;

    /// <summary>The stable number of a message's member, for old and new silos side by side.</summary>
    /// <param name="id">Unique within the type.</param>
    [AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Method)]
    public sealed class IdAttribute(uint id) : Attribute
    {
        /// <summary>The number.</summary>
        public uint Id { get; } = id;
    }

    /// <summary>The stable name of a type or method, for old and new silos side by side.</summary>
    /// <param name="alias">Unique among types, or within the type for a method.</param>
    [AttributeUsage(
        AttributeTargets.Class | AttributeTargets.Interface | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Method, AllowMultiple = true)]
    public sealed class AliasAttribute(string alias) : Attribute
    {
        /// <summary>The name.</summary>
        public string Alias { get; } = alias;
    }

    /// <summary>Nobody changes such an object after it was made, so the cluster need not copy it. The embedded engine never copies.</summary>
    [AttributeUsage(
        AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Parameter | AttributeTargets.ReturnValue,
        Inherited = false)]
    public sealed class ImmutableAttribute : Attribute;
}
