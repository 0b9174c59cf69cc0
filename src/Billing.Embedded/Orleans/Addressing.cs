using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Anything a grain call can be addressed to: a grain, or a reference to one.</summary>
    public interface IAddressable;
}

namespace Orleans
{
    /// <summary>Marks the interface of a grain. Its methods return <see cref="Task"/>, <see cref="ValueTask"/> or one of them with a result.</summary>
    public interface IGrain : IAddressable;

    /// <summary>The interface of a grain whose key is a string, the only kind of key this subset knows.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>Makes references to grains. A reference costs nothing at the grain: it comes to life with the first call.</summary>
    public interface IGrainFactory
    {
        /// <summary>A reference to the grain with this key.</summary>
        /// <param name="primaryKey">Compared ordinally; never empty.</param>
        /// <param name="grainClassNamePrefix">Chooses among several classes with this interface, by the start of the class's full name.</param>
        /// <exception cref="ArgumentException">No class, or more than one, implements the interface.</exception>
        TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithStringKey;
    }

    /// <summary>What can be asked of a grain or of a reference to one.</summary>
    public static class GrainExtensions
    {
        /// <summary>The key that the grain was asked for with.</summary>
        /// <exception cref="ArgumentException">It is neither a grain with a context nor a reference.</exception>
        public static string GetPrimaryKeyString(this IAddressable grain) => Target(grain).Key;

        /// <summary>A reference through which others, or the grain itself, may call this grain in a turn of its own.</summary>
        public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => (TGrainInterface)Target(grain).ReferenceAs(typeof(TGrainInterface));

        private static IGrainTarget Target(IAddressable grain) => grain switch
        {
            IGrainTarget reference => reference,
            IGrainBase { GrainContext: { } context } => context,
            _ => throw new ArgumentException("Neither a grain of the engine nor a reference to one.", nameof(grain)),
        };
    }
}
