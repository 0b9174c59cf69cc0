using Billing.Testing;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Billing.Sandbox.Tests;

/// <summary>As <see cref="ContractFactAttribute"/>, with a table of cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Billing.Sandbox.Tests.ContractTheoryDiscoverer", "Billing.Sandbox.Tests")]
public sealed class ContractTheoryAttribute : TheoryAttribute;

/// <summary>Finds the tests of <see cref="ContractTheoryAttribute"/>.</summary>
/// <param name="messages">Where the runner hears of trouble.</param>
public sealed class ContractTheoryDiscoverer(IMessageSink messages) : TheoryDiscoverer(messages)
{
    /// <inheritdoc/>
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute)
    {
        var needsServer = testMethod.TestClass.Class.Interfaces.Any(x => x.Name == typeof(INeedsPostgres).FullName);
        return needsServer && !PostgresCluster.IsRequired && PostgresCluster.Missing is { } missing
            ? CreateTestCasesForSkip(discoveryOptions, testMethod, theoryAttribute, missing)
            : base.Discover(discoveryOptions, testMethod, theoryAttribute);
    }
}
