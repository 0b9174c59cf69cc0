using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Billing.Testing;

/// <summary>Marks the test class that runs a contract against PostgreSQL.</summary>
public interface INeedsPostgres;

/// <summary>
/// A test of a contract with several implementations, in a base class. Run by a class that <see cref="INeedsPostgres"/> it
/// is skipped by name where there is no server; under <c>CI</c> it runs and fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Billing.Testing.ContractFactDiscoverer", "Billing.Testing")]
public sealed class ContractFactAttribute : FactAttribute;

/// <summary>Finds the tests of <see cref="ContractFactAttribute"/>.</summary>
/// <param name="messages">Where the runner hears of trouble.</param>
public sealed class ContractFactDiscoverer(IMessageSink messages) : FactDiscoverer(messages)
{
    /// <inheritdoc/>
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
    {
        var needsServer = testMethod.TestClass.Class.Interfaces.Any(x => x.Name == typeof(INeedsPostgres).FullName);
        return needsServer && !PostgresCluster.IsRequired && PostgresCluster.Missing is { } missing
            ? new XunitSkippedDataRowTestCase(
                DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod, missing)
            : base.CreateTestCase(discoveryOptions, testMethod, factAttribute);
    }
}
