using Xunit;

namespace Billing.Testing;

/// <summary>A test that needs PostgreSQL: skipped by name where there is none, but under <c>CI</c> it runs and fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public PostgresFactAttribute() => Skip = PostgresCluster.IsRequired ? null : PostgresCluster.Missing;
}

/// <summary>A theory that needs PostgreSQL; see <see cref="PostgresFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute.</summary>
    public PostgresTheoryAttribute() => Skip = PostgresCluster.IsRequired ? null : PostgresCluster.Missing;
}
