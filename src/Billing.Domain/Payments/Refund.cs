using NodaTime;

namespace Billing.Domain;

/// <summary>How a refund stands.</summary>
public enum RefundStatus
{
    /// <summary>The account is asked.</summary>
    Asked,

    /// <summary>The account refused it: nothing was taken from anywhere.</summary>
    Refused,

    /// <summary>The account set the money aside; the gateway is told.</summary>
    Sending,

    /// <summary>The money was sent.</summary>
    Succeeded,

    /// <summary>The gateway will not send it: a human has to.</summary>
    Failed,
}

/// <summary>Money of a payment that we send back. With the same care as a payment: named, stored before it is sent, sent once.</summary>
public sealed record Refund : IIdentified
{
    /// <inheritdoc />
    public required string Id { get; init; }

    /// <summary>How much; <see langword="null"/> until the account says.</summary>
    public Money? Amount { get; init; }

    /// <summary>Only this invoice's part.</summary>
    public string? Invoice { get; init; }

    /// <summary>Whether the invoice is due again.</summary>
    public bool Reopen { get; init; }

    /// <summary>Where money received elsewhere was sent.</summary>
    public string? Reference { get; init; }

    /// <summary>When it was first sent to the gateway: its key is not sent again once the gateway may have forgotten it.</summary>
    public Instant? SentAt { get; init; }

    /// <summary>How it stands.</summary>
    public RefundStatus Status { get; init; }

    /// <summary>Why the account refused it, or the gateway.</summary>
    public Refused? Refusal { get; init; }

    /// <summary>When it was asked for.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>The account's facts counted when it decided.</summary>
    public long SettledVersion { get; init; }

    /// <summary>The caller's key.</summary>
    public IdempotencyKey? Key { get; init; }

    /// <summary>How often a gateway's error or silence was met.</summary>
    public int Tries { get; init; }

    /// <summary>Whether the gateway had sent it before we knew: somebody made it on the gateway's own pages. Nobody is asked and nothing is sent.</summary>
    public bool WasSent { get; init; }

    /// <summary>Of one that the gateway had sent, the gateway's id of the charge.</summary>
    public string? Charge { get; init; }
}

/// <summary>Money of a payment that was taken back.</summary>
/// <param name="Id">Its name: an operator's call or a gateway's dispute.</param>
/// <param name="Amount">How much.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When.</param>
/// <param name="SettledVersion">The account's facts counted when it took note; 0 until then.</param>
/// <param name="Content">What an operator asked with his key; <see langword="null"/> for a dispute, and where it was not kept yet.</param>
public sealed record Reversal(string Id, Money Amount, string Reason, Instant At, long SettledVersion = 0, string? Content = null) : IIdentified;
