using NodaTime;

namespace Billing.Domain;

/// <summary>What kind of method moves the money.</summary>
public enum MethodKind
{
    /// <summary>A credit or debit card.</summary>
    Card,

    /// <summary>A bank debit.</summary>
    Bank,

    /// <summary>A crypto address.</summary>
    Crypto,
}

/// <summary>A method on file. Its token is the gateway's, and is never shown or logged.</summary>
public sealed record PaymentMethod : IIdentified
{
    /// <inheritdoc />
    public required string Id { get; init; }

    /// <summary>The gateway that knows the token.</summary>
    public required string Gateway { get; init; }

    /// <summary>The gateway's name for the method.</summary>
    public required string Token { get; init; }

    /// <summary>How many tokens this method has had, from 1.</summary>
    public int TokenCount { get; init; } = 1;

    /// <summary>What kind it is.</summary>
    public MethodKind Kind { get; init; }

    /// <summary>When it was added.</summary>
    public Instant AddedAt { get; init; }

    /// <summary>The card's brand, where the gateway tells it.</summary>
    public string? Brand { get; init; }

    /// <summary>The last four digits, where the gateway tells them.</summary>
    public string? Last4 { get; init; }

    /// <summary>The same for the same card, whatever the token, where the gateway tells it.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The card network, where the gateway tells it.</summary>
    public string? Network { get; init; }

    /// <summary>What it is funded by, where the gateway tells it.</summary>
    public string? Funding { get; init; }

    /// <summary>The code of the hard decline that ended it for automatic attempts; a new token clears it.</summary>
    public string? HardDecline { get; init; }

    /// <summary>As a payment may use it.</summary>
    public MethodCandidate AsCandidate() => new(Id, Gateway, Token, Kind, Fingerprint, Network, Funding);
}

/// <summary>What is remembered of a method that was removed: put again it counts on, and what ended its token is not forgotten.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TokenCount">How many tokens it had had.</param>
/// <param name="TokenHash">A hash of gateway and token.</param>
/// <param name="HardDecline">The code of the hard decline that had ended the token.</param>
public sealed record RemovedMethod(string Id, int TokenCount, string TokenHash, string? HardDecline) : IIdentified;

/// <summary>A method that one payment may use: on file, or one for this payment alone.</summary>
/// <param name="Method">The id on file; <see langword="null"/> for a one-off.</param>
/// <param name="Gateway">The gateway that knows the token.</param>
/// <param name="Token">The gateway's name for the method.</param>
/// <param name="Kind">What kind it is.</param>
/// <param name="Fingerprint">The same for the same card, whatever the token.</param>
/// <param name="Network">The card network.</param>
/// <param name="Funding">What it is funded by.</param>
public sealed record MethodCandidate(string? Method, string Gateway, string Token, MethodKind Kind, string? Fingerprint = null, string? Network = null, string? Funding = null)
{
    /// <summary>As a method on file.</summary>
    public PaymentMethod OnFile(string id, MethodFace face) => new()
    {
        Id = id,
        Gateway = Gateway,
        Token = Token,
        Kind = Kind,
        Brand = face.Brand,
        Last4 = face.Last4,
        Fingerprint = Fingerprint,
        Network = Network,
        Funding = Funding,
    };
}

/// <summary>What people know a method by.</summary>
/// <param name="Brand">The card's brand, where the gateway tells it.</param>
/// <param name="Last4">The last four digits, where the gateway tells them.</param>
public sealed record MethodFace(string? Brand, string? Last4);
