namespace Orleans.Storage;

/// <summary>The stored state is not of the version that a write expected: someone else wrote it in between.</summary>
public sealed class InconsistentStateException : Exception
{
    /// <summary>Creates the exception.</summary>
    public InconsistentStateException(string message) : base(message)
    {
    }
}
