using System.Text.Json;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>The language of policies as served, and the policies that are there from the first start.</summary>
public sealed class PolicySchemaTests
{
    [Fact]
    public async Task Schema_IsServedAsCheckedIn()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        var served = (await app.GetAsync("/v1/policies/schema")).Succeeded();

        Assert.Equal("application/schema+json", served.MediaType);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(Root(), "policies", "schema.json"))), served.Json));
    }

    [Fact]
    public async Task ShippedPolicies_AreThereAndTheSchemaIsNone()
    {
        await using var app = await BillingApp.OnEmptyAsync();

        foreach (var id in (string[])["cloudflare", "digitalocean", "valid-email-checker"])
        {
            var policy = (await app.GetAsync($"/v1/policies/{id}")).Succeeded();
            Assert.Equal(1, policy["version"].GetInt32());
            Assert.True((await app.PostAsync("/v1/policies/validate", policy["document"].GetRawText())).Succeeded()["valid"].GetBoolean());
        }

        (await app.GetAsync("/v1/policies/schema/versions/1")).IsProblem(404, "not_found");
        Assert.Contains("policy", (await app.PutAsync("/v1/policies/schema", "{}")).IsProblem(422, "invalid_request").ErrorPaths);
    }

    [Fact]
    public async Task Put_WhatContradictsItself_NamesEveryError()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        const string Policy =
            """
            {
              "cycle": { "interval": "30m" },
              "requires_subscription": ["payment.create"],
              "standings": [
                { "name": "late", "when": { "collection_failed": true } },
                { "name": "deleted", "when": { "unpaid_for": "90d" }, "on_enter": ["delete_resources"] }
              ]
            }
            """;

        Assert.Equal(["cycle.interval", "requires_subscription[0]", "standings[1].when"], (await app.PutAsync("/v1/policies/hasty", Policy)).IsProblem(422, "policy_invalid").ErrorPaths.Order(StringComparer.Ordinal));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Billing.sln"))) folder = folder.Parent;
        return folder!.FullName;
    }
}
