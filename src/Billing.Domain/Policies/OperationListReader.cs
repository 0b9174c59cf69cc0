using System.Collections.Immutable;
using System.Text.Json;

namespace Billing.Domain;

/// <summary>Reads a list of operations that a policy takes away, be it from accounts that owe or from those without a subscription.</summary>
internal static class OperationListReader
{
    public const string MustNotBeDenied = "must never be denied";

    public const string MustNotNeedASubscription = "must never need a subscription";

    public static ImmutableArray<string> Read(Node? node, string rule)
    {
        var operations = ImmutableArray.CreateBuilder<string>();
        foreach (var item in node?.Items(PolicyBounds.Denies) ?? [])
        {
            var operation = item.Json.ValueKind == JsonValueKind.String ? item.Json.GetString() : null;
            if (!Operations.IsWellFormed(operation)) item.Refuse("Must be an operation such as \"resource.create\", at most 64 characters.");
            else if (Operations.NeverDenied.Contains(operation!)) item.Refuse($"{operation} {rule}: an account that owes must be able to pay, and to leave.");
            else if (operations.Contains(operation!)) item.Refuse($"{operation} is listed already.");
            else operations.Add(operation!);
        }

        return operations.ToImmutable();
    }
}
