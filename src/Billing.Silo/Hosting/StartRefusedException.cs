namespace Billing.Silo;

/// <summary>The service cannot start as it is set up. The message is for the operator: what is wrong, and the ways on.</summary>
public sealed class StartRefusedException(string message, Exception? cause = null) : Exception(message, cause);
