using Orleans.Core;

namespace Orleans.Core
{
    /// <summary>The stored state of a grain, without its type.</summary>
    public interface IStorage
    {
        /// <summary>The version that was last read or written; <see langword="null"/> where nothing is stored.</summary>
        string? Etag { get; }

        /// <summary>Whether a row is stored. Decide by this, not by the look of the state.</summary>
        bool RecordExists { get; }

        /// <summary>Reads the state again, in the place of the one in memory.</summary>
        Task ReadStateAsync();

        /// <summary>Writes the state if nobody wrote it since it was read.</summary>
        /// <exception cref="Storage.InconsistentStateException">Somebody did. Nothing was written.</exception>
        Task WriteStateAsync();
    }

    /// <summary>The stored state of a grain.</summary>
    public interface IStorage<TState> : IStorage
    {
        /// <summary>The state in memory: as read, or as it will be written.</summary>
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>The stored state of a grain, read before <c>OnActivateAsync</c>. Without a row it is a new <typeparamref name="TState"/>.</summary>
    public interface IPersistentState<TState> : IStorage<TState>;

    /// <summary>Marks the constructor parameter of a grain that takes a stored state.</summary>
    /// <param name="stateName">Unique among the grain types, because a row is found by it and the key alone.</param>
    /// <param name="storageName">Names a storage provider; the embedded engine has one and ignores it.</param>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
    {
        /// <summary>The first part of the row's key.</summary>
        public string StateName { get; } = stateName;

        /// <summary>The storage provider's name.</summary>
        public string? StorageName { get; } = storageName;
    }
}

namespace Orleans.Storage
{
    /// <summary>Turns grain state into what is stored and back.</summary>
    public interface IGrainStorageSerializer
    {
        /// <summary>The stored form.</summary>
        BinaryData Serialize<T>(T? input);

        /// <summary>The state of a stored form.</summary>
        T? Deserialize<T>(BinaryData input);
    }
}
