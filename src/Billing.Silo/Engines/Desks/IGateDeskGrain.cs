#if ORLEANS
using System.Collections.Immutable;
using Billing.Grains.Accounts;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Billing.Silo.Desks;

/// <summary>
/// Where a process asks a silo the gates of many of its accounts with one message: most of what a message costs is not the
/// answer's. Key: the silo's address; it is nowhere else.
/// </summary>
[Alias("billing.gate_desk")]
public interface IGateDeskGrain : IGrainWithStringKey
{
    /// <summary>Answers in the order of the questions; <see langword="null"/> where the account's own grain has to be asked.</summary>
    [AlwaysInterleave]
    [Alias("check")]
    Task<ImmutableArray<DeskAnswer?>> Check(ImmutableArray<DeskQuestion> questions);
}

/// <summary>Asks the accounts whose activations are in its own process, as an API there would.</summary>
[GrainType("gate_desk")]
[AtItsSilo]
[Immovable]
internal sealed class GateDeskGrain(LocalAccounts local) : Grain, IGateDeskGrain
{
    /// <inheritdoc />
    public Task<ImmutableArray<DeskAnswer?>> Check(ImmutableArray<DeskQuestion> questions) =>
        Task.FromResult(ImmutableArray.CreateRange(questions, question => local.Check(question.Account, question.Read()) is { Answer: { } answer } ? DeskAnswer.Of(answer) : null));
}
#endif
