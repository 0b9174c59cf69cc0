using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.Domain;
using Billing.Simulation.Installations;

namespace Billing.Simulation.Histories;

/// <summary>Policies drawn at random, every one valid.</summary>
internal static class Policies
{
    private static readonly string[][] s_retries = [[], ["1d"], ["1d", "2d", "5d"], ["6h", "12h"], ["10m", "3d"], ["1d", "2d", "3d", "4d", "5d"]];

    /// <summary>Anything that a policy can say.</summary>
    public static Policy Any(Random random)
    {
        var standings = new JsonArray();
        var count = random.Next(4);
        for (var i = 0; i < count; i++) standings.Add(Standing(random, i, i == count - 1));
        var document = new JsonObject
        {
            ["id"] = Installation.PolicyId,
            ["collection"] = new JsonObject
            {
                ["charge"] = One(random, "at_issue", "at_issue", "at_due"),
                ["due_after"] = One(random, "0d", "0d", "1d", "7d"),
                ["methods"] = One(random, "default", "default_then_others"),
                ["retry_after"] = new JsonArray([.. s_retries[random.Next(s_retries.Length)].Select(text => (JsonNode)text)]),
                ["retry_methods"] = One(random, "default", "default_then_others"),
                ["on_new_method"] = One(random, "nothing", "charge"),
                ["processing_hold"] = new JsonObject { ["default"] = One(random, "1h", "24h", "3d"), ["bank"] = One(random, "2d", "6d") },
                ["crypto_window"] = One(random, "15m", "60m"),
                ["minimum"] = random.Next(3) == 0 ? new JsonObject { ["USD"] = 50 } : new JsonObject(),
                ["notices"] = new JsonObject { ["attempt_failed"] = random.Next(3) == 0 ? "failed" : null, ["before_due"] = null },
            },
            ["invoice"] = new JsonObject
            {
                ["cancel_after"] = random.Next(3) == 0 ? One(random, "0d", "4d", "20d") : null,
                ["cancel_cancels_subscription"] = random.Next(2) == 0,
                ["balance_invoice"] = random.Next(3) == 0,
            },
            ["standings"] = standings,
            ["recovery"] = new JsonObject { ["resources"] = One(random, "manual", "automatic") },
            ["refunds"] = random.Next(8) == 0 ? "refused" : "offered",
        };
        if (random.Next(3) == 0) document["cycle"] = random.Next(2) == 0 ? new JsonObject { ["interval"] = One(random, "10d", "30d"), ["while_unpaid"] = One(random, "renew", "skip") } : new JsonObject { ["calendar"] = "month", ["day"] = 1 + random.Next(31), ["time_zone"] = "UTC" };
        return Read(document);
    }

    /// <summary>A policy of which only due times and the passing of time decide.</summary>
    public static Policy OfTime(Random random)
    {
        var standings = new JsonArray();
        var count = 1 + random.Next(4);
        for (var i = 0; i < count; i++)
        {
            JsonNode when = random.Next(4) switch
            {
                0 when i > 0 => new JsonObject { ["in_standing"] = new JsonObject { [Name(i - 1)] = Days(random) } },
                1 => new JsonObject { ["unpaid_invoices"] = 1 + random.Next(4) },
                2 => new JsonObject { ["unpaid_balance"] = new JsonObject { ["USD"] = 100 + random.Next(1_500) } },
                _ => new JsonObject { ["unpaid_for"] = Days(random) },
            };
            standings.Add(new JsonObject { ["name"] = Name(i), ["when"] = when, ["deny"] = new JsonArray("purchase"), ["message"] = "Pay." });
        }

        return Read(new JsonObject { ["id"] = Installation.PolicyId, ["collection"] = new JsonObject { ["minimum"] = new JsonObject() }, ["standings"] = standings });
    }

    public static string Name(int standing) => ((char)('a' + standing)).ToString();

    private static JsonObject Standing(Random random, int i, bool isLast)
    {
        JsonObject when = random.Next(7) switch
        {
            0 => new JsonObject { ["collection_failed"] = true },
            1 => new JsonObject { ["retries_exhausted"] = true },
            2 => new JsonObject { ["unpaid_invoices"] = 2 + random.Next(2) },
            3 => new JsonObject { ["unpaid_balance"] = new JsonObject { ["USD"] = 1_000 } },
            4 => new JsonObject { ["any"] = new JsonArray(new JsonObject { ["hard_declined"] = true }, new JsonObject { ["unpaid_for"] = Days(random) }) },
            5 when i > 0 => new JsonObject { ["in_standing"] = new JsonObject { [Name(i - 1)] = Days(random) } },
            _ => new JsonObject { ["unpaid_for"] = Days(random) },
        };
        var standing = new JsonObject { ["name"] = Name(i), ["when"] = when, ["deny"] = new JsonArray("purchase"), ["message"] = "Pay." };
        if (random.Next(2) == 0) standing["on_enter"] = new JsonArray("notice:worse", "power_down");
        if (!isLast || i == 0 || random.Next(2) > 0) return standing;
        standing["when"] = new JsonObject { ["in_standing"] = new JsonObject { [Name(i - 1)] = One(random, "2d", "14d") } };
        standing["on_enter"] = new JsonArray("delete_resources");
        if (random.Next(2) == 0) standing["requires_notice"] = new JsonArray(new JsonObject { ["notice"] = "deletion_warning", ["at"] = "-1d", ["at_least"] = "12h" });
        return standing;
    }

    private static string Days(Random random) => string.Create(CultureInfo.InvariantCulture, $"{24 * (1 + random.Next(15)) - (random.Next(3) == 0 ? 7 : 0)}h");

    private static string One(Random random, params string[] texts) => texts[random.Next(texts.Length)];

    /// <summary>A policy of this document.</summary>
    public static Policy Read(JsonObject document)
    {
        var reading = PolicyDocument.Parse(JsonElement.Parse(document.ToJsonString()), Installation.PolicyId);
        return reading.Policy ?? throw new InvalidOperationException($"The policy is invalid: {string.Join("; ", reading.Errors)} {document}");
    }
}
