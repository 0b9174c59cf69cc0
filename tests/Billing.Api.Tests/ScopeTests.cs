using Billing.Api.Keys;
using Billing.Domain;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>Which key may make which call.</summary>
public sealed class ScopeTests
{
    /// <summary>What everybody may see, or what proves itself in another way than by a key.</summary>
    private static readonly string[] s_open = ["GET /healthz", "GET /readyz", "HEAD /healthz", "HEAD /readyz", "GET /problems/{code}", "GET /openapi/{documentName}.json", "GET /v1/pay/{token}", "POST /v1/pay/{token}"];

    [Fact]
    public async Task Endpoint_SaysWhatItNeeds()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        foreach (var endpoint in app.Endpoints)
        {
            Assert.True(endpoint.Metadata.GetMetadata<Needed>() is not null, $"{Name(endpoint)} does not say which scope it needs: .Needs(Scope.…) or .NeedsNoKey().");
        }
    }

    [Fact]
    public async Task Endpoint_WithoutAKey_IsOneOfFew()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        var open = app.Endpoints.Where(endpoint => !endpoint.Metadata.GetMetadata<Needed>()!.IsKey).Select(Name);

        Assert.All(open, name => Assert.True(s_open.Contains(name, StringComparer.Ordinal) || name.StartsWith("POST /v1/webhooks/", StringComparison.Ordinal), $"{name} needs no key."));
    }

    [Fact]
    public async Task Read_IsForGet_AndNothingElseIs()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        foreach (var endpoint in app.Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<Needed>()!.IsKey))
        {
            var needed = endpoint.Metadata.GetMetadata<Needed>()!;
            var isHidden = endpoint.RoutePattern.RawText!.StartsWith("/v1/keys", StringComparison.Ordinal) || endpoint.RoutePattern.RawText.StartsWith("/v1/mail", StringComparison.Ordinal)
                || endpoint.RoutePattern.RawText == "/v1/cluster";
            var isGet = Name(endpoint).StartsWith("GET ", StringComparison.Ordinal);
            Assert.True(needed.Any.Contains(Scope.Read) == (isGet && !isHidden), $"{Name(endpoint)} needs {needed}.");
        }
    }

    internal static string Name(RouteEndpoint endpoint) =>
        $"{endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods[0]} {endpoint.RoutePattern.RawText}";
}
