using NodaTime;

namespace Billing.Domain;

/// <summary>
/// How large a policy may be. Generous for a person who writes one, small enough that a decision can read all of it each
/// time somebody asks at the gate.
/// </summary>
public static class PolicyBounds
{
    /// <summary>The most bytes of a document; whoever receives it measures.</summary>
    public const int DocumentBytes = 64 * 1024;

    /// <summary>The most errors that one reading lists; a last one says that there are more.</summary>
    public const int Errors = 500;

    /// <summary>The most standings, <c>good</c> not counted.</summary>
    public const int Standings = 20;

    /// <summary>The most retries of an invoice.</summary>
    public const int Retries = 20;

    /// <summary>The most operations in one list of them.</summary>
    public const int Denies = 100;

    /// <summary>The most entries of <c>deny_if</c>, <c>on_enter</c> and <c>requires_notice</c> in one standing, and of <c>refuse_funding</c>.</summary>
    public const int Entries = 20;

    /// <summary>The most conditions in one <c>any</c> or <c>all</c>.</summary>
    public const int Branches = 20;

    /// <summary>How deep conditions nest; one without <c>any</c>, <c>all</c> and <c>not</c> is of depth 1.</summary>
    public const int ConditionDepth = 8;

    /// <summary>The most contexts with a message of their own.</summary>
    public const int MessageContexts = 100;

    /// <summary>The most characters (UTF-16) of a message, a banner, a description, a source.</summary>
    public const int TextLength = 2000;

    /// <summary>The most characters of a name: of a standing, a code, a notice, a context, a tag, an operation.</summary>
    public const int NameLength = 64;

    /// <summary>The largest count of unpaid invoices: an account has no more open ones.</summary>
    public const int UnpaidInvoices = 200;

    /// <summary>The longest duration: ten years, so that no instant computed from a real one leaves the calendar.</summary>
    public static readonly Duration LongestDuration = Duration.FromDays(3650);

    /// <summary>The shortest period of an interval cycle: nobody is billed more often, and a mistaken unit is found out.</summary>
    public static readonly Duration ShortestInterval = Duration.FromHours(1);

    /// <summary>The shortest life of a crypto address: one that has none could never be paid.</summary>
    public static readonly Duration ShortestCryptoWindow = Duration.FromMinutes(1);

    /// <summary>How long a milder standing lasts at least before resources are deleted.</summary>
    public static readonly Duration ShortestWayToDeletion = Duration.FromHours(24);
}
