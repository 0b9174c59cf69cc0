using System.Reflection;
using System.Text.Json;
using Billing.Domain;
using Billing.Grains.Interfaces;
using Microsoft.Extensions.Hosting;

namespace Billing.Silo;

/// <summary>Stores the shipped policies at first start, never over an operator's version.</summary>
public sealed class ShippedPolicies(IGrainFactory grains, IPolicyCatalog catalog, TimeProvider time) : IHostedService
{
    private const string Prefix = "policies/";

    /// <summary>It lies beside the policies so that editors find it, and is none.</summary>
    private const string Schema = Prefix + "schema.json";

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(IsPolicy))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            var id = Path.GetFileNameWithoutExtension(name);
            var text = await reader.ReadToEndAsync(cancellationToken);
            using var document = JsonDocument.Parse(text);
            await grains.Policy(id).Execute(new Call(new PutPolicy(document.RootElement.GetRawText(), OnlyFirst: true), time.GetInstant()));
        }

        await catalog.RefreshAsync(cancellationToken);
    }

    private static bool IsPolicy(string resource) => resource.StartsWith(Prefix, StringComparison.Ordinal) && resource != Schema;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
