using NodaTime;

namespace Billing.Grains.Interfaces;

/// <summary>Delivers what a policy promises to tell.</summary>
public interface INoticeSender
{
    /// <summary>Sends a notice and tells what came of it, for good. The same id is the same notice, with the same text.</summary>
    /// <exception cref="Exception">It was not taken this time, or nobody knows: it is to be sent again.</exception>
    Task<NoticeOutcome> SendAsync(NoticeDelivery delivery, CancellationToken cancellationToken);
}

/// <summary>A notice for somebody.</summary>
/// <param name="Notice">What it tells.</param>
/// <param name="Recipient">For whom it is, by now.</param>
public sealed record NoticeDelivery(SendNotice Notice, AccountProfile Recipient);

/// <summary>What came of a notice.</summary>
/// <param name="AcceptedAt">When it was accepted for the owner, in real time; <see langword="null"/>: it never will be.</param>
/// <param name="Code">What whoever took or refused it says.</param>
public sealed record NoticeOutcome(Instant? AcceptedAt, string Code);

/// <summary>The policy versions, the installation's pauses and its pulls, in memory, read again each second.</summary>
public interface IPolicyCatalog
{
    /// <summary>The versions known now.</summary>
    PolicyBook Book { get; }

    /// <summary>Reads the policies again, now.</summary>
    Task RefreshAsync(CancellationToken cancellationToken);
}

/// <summary>Places where a test can make the process die. In production nothing happens there.</summary>
public interface ICrashPoints
{
    /// <summary>A place is passed.</summary>
    void Pass(CrashPoint point);
}

/// <summary>The places.</summary>
public enum CrashPoint
{
    /// <summary>A decision is made, and not yet written.</summary>
    BeforeWrite,

    /// <summary>The write was acknowledged.</summary>
    AfterWrite,

    /// <summary>The caller is about to be answered.</summary>
    BeforeReply,

    /// <summary>A message was delivered, and its acknowledgement is not stored.</summary>
    MidOutbox,

    /// <summary>An attempt is stored, and not yet sent.</summary>
    BeforeGateway,

    /// <summary>The gateway has answered, and nothing of it is stored.</summary>
    AfterGateway,

    /// <summary>A test clock has reached an instant, and what is due then is not done.</summary>
    MidAdvance,
}
