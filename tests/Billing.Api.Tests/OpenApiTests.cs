using System.Text.Json.Nodes;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>The OpenAPI document is generated from the code and checked in, so that no change of the API goes unnoticed.</summary>
public sealed class OpenApiTests
{
    /// <summary>Set to have the checked-in document written anew instead of compared.</summary>
    private const string Update = "UPDATE_OPENAPI";

    [Fact]
    public async Task Document_IsTheOneThatIsCheckedIn()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        var served = (await app.SendAsync("GET", "/openapi/v1.json", authorization: null)).Succeeded().Text.ReplaceLineEndings("\n").TrimEnd() + "\n";
        var file = Path.Combine(Root(), "docs", "openapi.json");
        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 }) await File.WriteAllTextAsync(file, served);

        Assert.True(served == await File.ReadAllTextAsync(file), $"The API has changed. Look at the change, then run this test once with {Update}=1 and commit docs/openapi.json.");
    }

    [Fact]
    public async Task Document_DescribesEveryOperation()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        var document = JsonNode.Parse((await app.SendAsync("GET", "/openapi/v1.json", authorization: null)).Succeeded().Text)!;

        Assert.StartsWith("3.1", document["openapi"]!.GetValue<string>(), StringComparison.Ordinal);
        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject())
            {
                Assert.True(operation!["summary"] is not null && operation["description"] is not null && operation["operationId"] is not null, $"{method} {path} is not described.");
                if (method is "put") Assert.True(operation["requestBody"]?["content"]?["application/json"]?["example"] is not null, $"{method} {path} has no example.");
            }
        }

        foreach (var (name, schema) in document["components"]!["schemas"]!.AsObject())
        {
            foreach (var (field, type) in schema!["properties"]?.AsObject() ?? [])
            {
                Assert.True(field == field.ToLowerInvariant(), $"{name}.{field} is not snake_case.");
                Assert.True(type!["description"] is not null || type["$ref"] is not null || type["oneOf"] is not null || type["enum"] is not null || type["format"] is not null || name.Contains("Page", StringComparison.Ordinal), $"{name}.{field} is not described.");
            }
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Billing.sln"))) folder = folder.Parent;
        return folder!.FullName;
    }
}
