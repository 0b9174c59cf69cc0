using System.Text.Json;

namespace Billing.Api.Policies;

/// <summary>A version of a policy.</summary>
/// <param name="Id">The policy's id.</param>
/// <param name="Version">Counts its changes, from 1. A version never changes.</param>
/// <param name="InForceSince">When it was put in force.</param>
/// <param name="Document">The document as it was uploaded.</param>
public sealed record PolicyResponse(string Id, int Version, Instant InForceSince, JsonElement Document);

/// <summary>What is wrong with a policy.</summary>
/// <param name="Valid">Whether it could be put in force.</param>
/// <param name="Errors">Every error, each with its path.</param>
public sealed record PolicyValidationResponse(bool Valid, IReadOnlyList<FieldErrorResponse> Errors);

/// <summary>What a policy says where it says nothing.</summary>
/// <param name="Policy">The default of every key of a policy.</param>
/// <param name="Standing">The default of every key of a standing.</param>
public sealed record PolicyDefaultsResponse(JsonElement Policy, JsonElement Standing);
