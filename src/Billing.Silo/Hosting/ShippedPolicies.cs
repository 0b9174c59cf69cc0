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
    private const int Tries = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

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
            await PutAsync(id, document.RootElement.GetRawText(), cancellationToken);
        }

        await catalog.RefreshAsync(cancellationToken);
    }

    /// <summary>Stores one. Its grain may be on a silo that has just died; then the next try finds it elsewhere.</summary>
    private async Task PutAsync(string id, string document, CancellationToken cancellationToken)
    {
        for (var left = Tries; ; left--)
        {
            try
            {
                await grains.Policy(id).Execute(new Call(new PutPolicy(document, OnlyFirst: true), time.GetInstant()));
                return;
            }
            catch (Exception failure) when (left > 1 && failure is (OrleansException or TimeoutException))
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    private static bool IsPolicy(string resource) => resource.StartsWith(Prefix, StringComparison.Ordinal) && resource != Schema;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
