namespace Orleans;

/// <summary>Why an activation ends, for programs. The values are those of Orleans; the embedded engine gives a few of them.</summary>
public enum DeactivationReasonCode : byte
{
    /// <summary>Not told.</summary>
    None = 0,

    /// <summary>The process stops.</summary>
    ShuttingDown = 1,

    /// <summary>It never came to life.</summary>
    ActivationFailed = 2,

    /// <summary>Nobody called it for a while, or others were called more recently.</summary>
    ActivationIdle = 4,

    /// <summary>A request failed in a way that leaves the memory wrong.</summary>
    ApplicationError = 8,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested = 9,
}

/// <summary>Why an activation ends.</summary>
/// <param name="code">For programs.</param>
/// <param name="exception">What caused it, if anything did.</param>
/// <param name="text">For people.</param>
public readonly struct DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
{
    /// <summary>A reason without an exception.</summary>
    public DeactivationReason(DeactivationReasonCode code, string text) : this(code, null, text)
    {
    }

    /// <summary>For people.</summary>
    public string Description { get; } = text;

    /// <summary>For programs.</summary>
    public DeactivationReasonCode ReasonCode { get; } = code;

    /// <summary>What caused it, if anything did.</summary>
    public Exception? Exception { get; } = exception;
}
