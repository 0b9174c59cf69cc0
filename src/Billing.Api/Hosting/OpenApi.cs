using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.Api.Gate;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scope = Billing.Domain.Scope;

namespace Billing.Api.Hosting;

/// <summary>The OpenAPI document, generated from the endpoints, their types and the comments on these.</summary>
internal static class OpenApi
{
    private const string Scheme = "key";

    public static void AddBillingOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer(DescribeDocument);
        options.AddOperationTransformer(DescribeOperation);
        options.AddSchemaTransformer(DescribeSchema);
        options.CreateSchemaReferenceId = type => type.Type == typeof(JsonElement) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
    });

    private static Task DescribeDocument(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Billing",
            Version = "1",
            Description = "Accounts, invoices, payments, and what being unpaid leads to. Amounts are whole numbers of minor units of a currency, 0 to 10¹². Instants are RFC 3339 in UTC. "
                + "Ids are a letter or digit and then at most 127 letters, digits and `. _ : -`; those that we derive hold `~` too. Unknown fields are refused.",
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A key of this installation. Each call names the scope that the key needs: `gate`, `read`, `write` or `operate`." },
        };
        return Task.CompletedTask;
    }

    private static async Task DescribeOperation(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var path = "/" + context.Description.RelativePath;
        var needed = context.Description.ActionDescriptor.EndpointMetadata.OfType<Needed>().LastOrDefault() ?? Needed.Nothing;
        operation.Tags = new HashSet<OpenApiTagReference> { new(Tag(path), context.Document) };
        foreach (var parameter in operation.Parameters ?? []) Describe(parameter);
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Described>().FirstOrDefault() is not { } described) return;

        AddKeyHeader(operation, described.HasKey);
        await AddBody(operation, described, context, cancellationToken);
        string[] codes = needed.IsKey
            ? [ProblemCatalog.Unauthenticated, ProblemCatalog.Forbidden, Problems.InvalidRequest, Problems.RateLimited, Problems.Unavailable, .. described.Codes]
            : described.Codes;
        if (described.IsSigned) codes = [.. codes, ProblemCatalog.Unauthenticated, Problems.InvalidRequest];
        if (described.Body is not null || described.IsSigned)
        {
            codes = [.. codes, ProblemCatalog.TooLarge];
            await AddProblem(operation, StatusCodes.Status400BadRequest, $"`{Problems.InvalidRequest}`: The request is not well formed.", context, cancellationToken);
        }

        await AddProblems(operation, codes.Distinct(StringComparer.Ordinal), context, cancellationToken);
        if (needed.IsKey) operation.Security = [.. needed.Any.Select(scope => Requirement(scope, context))];
    }

    /// <summary>One of several is enough. OpenAPI 3.1 lets a scheme that is no OAuth name what a key has to be able to do.</summary>
    private static OpenApiSecurityRequirement Requirement(Scope scope, OpenApiOperationTransformerContext context) =>
        new() { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [Needed.Word(scope)] };

    private static Task DescribeSchema(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(Instant))
        {
            schema.Type = type == context.JsonTypeInfo.Type ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
            schema.Format = "date-time";
        }
        else if (type == typeof(GateItem))
        {
            schema.Discriminator = null;
        }

        return Task.CompletedTask;
    }

    private static void Describe(IOpenApiParameter parameter)
    {
        if (parameter is not OpenApiParameter { Schema: OpenApiSchema schema } known) return;
        switch (known.Name)
        {
            case "limit":
                (schema.Type, schema.Minimum, schema.Maximum, schema.Default) = (JsonSchemaType.Integer, "1", Number(ApiBounds.PageLargest), ApiBounds.PageDefault);
                known.Description = "At most so many items.";
                break;
            case "after":
                known.Description = "The cursor `next` of the page before.";
                break;
            case "min_version":
                (schema.Type, schema.Minimum) = (JsonSchemaType.Integer, "0");
                known.Description = "The answer has to know of at least so many recorded facts.";
                break;
            case "operation":
                known.Required = true;
                known.Description = "A dotted name such as `purchase`.";
                break;
            case "version":
                schema.Type = JsonSchemaType.Integer;
                break;
        }
    }

    private static void AddKeyHeader(OpenApiOperation operation, KeyUse use)
    {
        if (use == KeyUse.None) return;
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = Idempotency.Header,
            In = ParameterLocation.Header,
            Required = use == KeyUse.Required,
            Description = $"1 to {Number(ApiBounds.IdempotencyKeyLength)} visible ASCII characters. The same key and body take effect once and answer with `{Answer.ReplayedHeader}: true`; another body is `idempotency_mismatch`.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = ApiBounds.IdempotencyKeyLength },
        });
    }

    private static async Task AddBody(OpenApiOperation operation, Described described, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (described.Body is not { } body) return;
        var media = new OpenApiMediaType { Schema = await Schema(body, context, cancellationToken), Example = described.Example is null ? null : JsonNode.Parse(described.Example) };
        operation.RequestBody = new OpenApiRequestBody { Required = described.BodyRequired, Content = Json("application/json", media) };
    }

    private static async Task AddProblems(OpenApiOperation operation, IEnumerable<string> codes, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var status in codes.Select(ProblemCatalog.Of).GroupBy(kind => kind.Status).OrderBy(group => group.Key))
        {
            await AddProblem(operation, status.Key, string.Join("; ", status.Select(kind => $"`{kind.Code}`: {kind.Title}")) + ".", context, cancellationToken);
        }
    }

    private static async Task AddProblem(OpenApiOperation operation, int status, string description, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Responses ??= [];
        operation.Responses[Number(status)] = new OpenApiResponse
        {
            Description = description,
            Content = Json("application/problem+json", new OpenApiMediaType { Schema = await Schema(typeof(ProblemResponse), context, cancellationToken) }),
        };
    }

    /// <summary>A type's schema, kept once among the components.</summary>
    private static async Task<IOpenApiSchema> Schema(Type type, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var schema = await context.GetOrCreateSchemaAsync(type, parameterDescription: null, cancellationToken);
        if (type == typeof(JsonElement)) return schema;
        context.Document!.AddComponent(type.Name, schema);
        return new OpenApiSchemaReference(type.Name, context.Document);
    }

    private static Dictionary<string, OpenApiMediaType> Json(string type, OpenApiMediaType media) => new(StringComparer.Ordinal) { [type] = media };

    private static string Tag(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["v1", "accounts", _, "gate"] or ["v1", "gate", ..] => "gate",
        ["v1", "accounts", _, "payment_methods", ..] => "payment methods",
        ["v1", "accounts", _, "pay" or "payments"] or ["v1", "invoices", _, "pay"] or ["v1", "payments", ..] or ["v1", "refunds", ..] => "payments",
        ["v1", "accounts", _, "invoices", ..] or ["v1", "invoices", ..] => "invoices",
        ["v1", "accounts", _, "subscriptions" or "charges", ..] => "subscriptions",
        ["v1", "accounts", _, "credits", ..] => "credits",
        ["v1", "accounts", _, "resources", ..] => "resources",
        ["v1", "accounts", _, "holds" or "controls" or "extension" or "episode", ..] => "holds and controls",
        ["v1", "accounts", _, "statement"] => "reports",
        ["v1", var first, ..] => first.Replace('_', ' '),
        _ => "health",
    };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
