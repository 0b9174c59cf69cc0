using System.Diagnostics.CodeAnalysis;

namespace Orleans.Placement
{
    /// <summary>Who leaves an activation where it is. The embedded engine has one place.</summary>
    [Flags]
    public enum ImmovableKind : byte
    {
        /// <summary>What brings callers and called together.</summary>
        Repartitioner = 1,

        /// <summary>What spreads activations over the silos.</summary>
        Rebalancer = 2,

        /// <summary>Both.</summary>
        Any = Repartitioner | Rebalancer,
    }

    /// <summary>A grain whose activations are not moved to another silo just to spread them.</summary>
    /// <param name="kind">Who leaves them where they are.</param>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class ImmovableAttribute(ImmovableKind kind = ImmovableKind.Any) : Attribute
    {
        /// <summary>Who leaves them where they are.</summary>
        public ImmovableKind Kind { get; } = kind;
    }
}

namespace Orleans.Runtime
{
    /// <summary>A grain that has a say in what an activation takes along to another silo. The embedded engine moves none.</summary>
    public interface IGrainMigrationParticipant
    {
        /// <summary>The activation has ended here.</summary>
        void OnDehydrate(IDehydrationContext dehydrationContext);

        /// <summary>It has come, and is not yet active.</summary>
        void OnRehydrate(IRehydrationContext rehydrationContext);
    }

    /// <summary>What is taken along.</summary>
    public interface IDehydrationContext
    {
        /// <summary>Takes a value along; <see langword="false"/> where the name is taken.</summary>
        bool TryAddValue<T>(string key, T? value);
    }

    /// <summary>What was taken along.</summary>
    public interface IRehydrationContext
    {
        /// <summary>The value of a name, if there is one.</summary>
        bool TryGetValue<T>(string key, [NotNullWhen(true)] out T? value);
    }
}
