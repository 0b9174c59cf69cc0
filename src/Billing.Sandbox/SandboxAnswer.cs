using System.Collections.Immutable;

namespace Billing.Sandbox;

/// <summary>A page of the ledger.</summary>
/// <param name="Data">The charges, oldest first.</param>
/// <param name="Next">The cursor of the next page; <see langword="null"/>: this is the last.</param>
public sealed record SandboxPage(ImmutableArray<SandboxCharge> Data, string? Next);

/// <summary>Why the sandbox does not do something.</summary>
public enum SandboxRefusalKind
{
    /// <summary>There is no such thing (404).</summary>
    NotFound,

    /// <summary>What was said is not acceptable (422).</summary>
    Invalid,

    /// <summary>The charge's status forbids it (409).</summary>
    Conflict,
}

/// <summary>A refusal.</summary>
/// <param name="Kind">What kind it is.</param>
/// <param name="Detail">For a person.</param>
/// <param name="Errors">Every field that is wrong, with what is wrong about it.</param>
public sealed record SandboxRefusal(SandboxRefusalKind Kind, string Detail, IReadOnlyDictionary<string, string>? Errors = null);

/// <summary>What was asked for, or a refusal: one of the two.</summary>
public sealed record SandboxAnswer<T> where T : class
{
    private SandboxAnswer(T? value, SandboxRefusal? refusal) => (Value, Refusal) = (value, refusal);

    /// <summary>What was asked for; <see langword="null"/> where it is refused.</summary>
    public T? Value { get; }

    /// <summary>Why not; <see langword="null"/> where it was done.</summary>
    public SandboxRefusal? Refusal { get; }

#pragma warning disable CS1591 // A value, or a refusal, is an answer.
    public static implicit operator SandboxAnswer<T>(T value) => new(value, null);
    public static implicit operator SandboxAnswer<T>(SandboxRefusal refusal) => new(null, refusal);
#pragma warning restore CS1591
}
