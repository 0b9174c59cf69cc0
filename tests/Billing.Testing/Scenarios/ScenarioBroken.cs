namespace Billing.Testing.Scenarios;

/// <summary>A scenario does not hold.</summary>
public sealed class ScenarioBroken(string message, Exception? cause = null) : Exception(message, cause);
