using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>Pauses the whole installation, or lets it go on. What is <see langword="null"/> stays as it is.</summary>
/// <param name="EscalationsPaused">Whether nothing gets worse, is cancelled or ordered.</param>
/// <param name="CollectionPaused">Whether rungs wait.</param>
/// <param name="Reason">Why.</param>
public sealed record PutPauses(bool? EscalationsPaused, bool? CollectionPaused, string Reason) : Message;

/// <summary>Pauses collection in a restored database until the books of these gateways have been pulled.</summary>
/// <param name="Gateways">The gateways; none: until an operator lets it go on.</param>
/// <param name="Reason">Why.</param>
public sealed record PauseUntilPulled(ImmutableArray<string> Gateways, string Reason) : Message
{
    /// <summary>The gateways; none: until an operator lets it go on.</summary>
    public ImmutableArray<string> Gateways { get => field.OrEmpty(); init; } = Gateways;
}

/// <summary>Account → brake: may this account enter a standing that deletes?</summary>
/// <param name="Account">The account.</param>
/// <param name="AskedAt">When it asked; the answer says it again.</param>
public sealed record AskDeletion(string Account, Instant AskedAt) : Message;

/// <summary>Brake → account: whether it may.</summary>
/// <param name="AskedAt">Which question this answers.</param>
/// <param name="AskAgainAt">When it may ask again; <see langword="null"/>: it is permitted.</param>
public sealed record DeletionAnswered(Instant AskedAt, Instant? AskAgainAt) : Message;
