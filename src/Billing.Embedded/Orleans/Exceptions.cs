using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>A failure that the engine reports.</summary>
    public class OrleansException : Exception
    {
        /// <inheritdoc/>
        public OrleansException()
        {
        }

        /// <inheritdoc/>
        public OrleansException(string message) : base(message)
        {
        }

        /// <inheritdoc/>
        public OrleansException(string message, Exception? innerException) : base(message, innerException)
        {
        }
    }

    /// <summary>The engine did not take the call; it was not made.</summary>
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException(string message) : base(message)
        {
        }
    }

    /// <summary>The engine is stopping and takes no more calls.</summary>
    public sealed class SiloUnavailableException(string message) : OrleansMessageRejectionException(message);
}

namespace Orleans.Storage
{
    /// <summary>The stored state is not of the version that a write expected: someone else wrote it in between. Leaving a grain, it ends the activation.</summary>
    public class InconsistentStateException : OrleansException
    {
        /// <inheritdoc/>
        public InconsistentStateException()
        {
        }

        /// <inheritdoc/>
        public InconsistentStateException(string message) : base(message)
        {
        }

        /// <inheritdoc/>
        public InconsistentStateException(string message, Exception? innerException) : base(message, innerException)
        {
        }

        /// <summary>Creates the exception with both versions.</summary>
        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag) : base(errorMsg)
        {
            StoredEtag = storedEtag;
            CurrentEtag = currentEtag;
        }

        /// <summary>The version that is stored, where known.</summary>
        public string? StoredEtag { get; }

        /// <summary>The version that the write expected.</summary>
        public string? CurrentEtag { get; }

        // False once it has left the grain whose state it is about: a caller's memory is not wrong because of it.
        internal bool IsSourceActivation { get; set; } = true;
    }
}
