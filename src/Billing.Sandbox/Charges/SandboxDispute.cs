namespace Billing.Sandbox;

/// <summary>How a dispute goes.</summary>
public enum SandboxDispute
{
    /// <summary>The customer disputes the charge.</summary>
    Opened,

    /// <summary>The money is taken back, whether or not a dispute was opened before.</summary>
    Lost,

    /// <summary>The money stays.</summary>
    Won,
}
