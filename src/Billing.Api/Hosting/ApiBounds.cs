namespace Billing.Api.Hosting;

/// <summary>The bounds of the HTTP API. Each has a row in <c>docs/api.md</c>; those of what an account may hold are <see cref="AccountLimits"/>.</summary>
public static class ApiBounds
{
    /// <summary>The most bytes of a request's body; one more is <c>too_large</c>.</summary>
    public const int BodyBytes = 256 * 1024;

    /// <summary>The most bytes of a request's headers.</summary>
    public const int HeaderBytes = 16 * 1024;

    /// <summary>The seconds in which a request's headers have to arrive.</summary>
    public const int HeaderSeconds = 15;

    /// <summary>The seconds in which a request's body has to arrive.</summary>
    public const int BodySeconds = 30;

    /// <summary>The least bytes a second of a body, after a grace.</summary>
    public const int BodyBytesPerSecond = 1024;

    /// <summary>The seconds of grace before the least rate of a body counts.</summary>
    public const int BodyGraceSeconds = 5;

    /// <summary>The invoices that a pay link shows.</summary>
    public const int PayLinkInvoices = 50;

    /// <summary>Declined payments of one pay link, and of one client address with pay links, in an hour.</summary>
    public const int PayLinkDeclines = 10;

    /// <summary>How deep a body's JSON nests.</summary>
    public const int JsonDepth = 32;

    /// <summary>The most errors that one answer lists; a last one says that there are more.</summary>
    public const int Errors = 100;

    /// <summary>The most characters (UTF-16) of an account's name.</summary>
    public const int NameLength = 200;

    /// <summary>The most characters of a line's description.</summary>
    public const int DescriptionLength = 500;

    /// <summary>The most characters of a key of metadata.</summary>
    public const int MetadataKeyLength = 40;

    /// <summary>The most characters of a value of metadata.</summary>
    public const int MetadataValueLength = 500;

    /// <summary>The most characters of a tag, an operation, a gate's context.</summary>
    public const int TagLength = PolicyBounds.NameLength;

    /// <summary>The most characters of a mail address (RFC 5321, 4.5.3.1.3, less the angle brackets).</summary>
    public const int EmailLength = 254;

    /// <summary>The most characters of a locale.</summary>
    public const int LocaleLength = 35;

    /// <summary>The most characters of a gateway's token.</summary>
    public const int TokenLength = 255;

    /// <summary>The most characters of a reason, of evidence, of what a refund's reference says.</summary>
    public const int ReasonLength = 500;

    /// <summary>The most characters of the reference of money received elsewhere.</summary>
    public const int ReferenceLength = 128;

    /// <summary>The most operations that a hold names.</summary>
    public const int HoldOperations = 100;

    /// <summary>The most resources that one depends on.</summary>
    public const int Dependencies = 20;

    /// <summary>How many summaries a report reads at a time.</summary>
    public const int ReportPage = 1_000;

    /// <summary>The most of a line's quantity.</summary>
    public const long Quantity = 1_000_000_000;

    /// <summary>The most characters of an <c>Idempotency-Key</c>.</summary>
    public const int IdempotencyKeyLength = 255;

    /// <summary>The most items of a page.</summary>
    public const int PageLargest = 200;

    /// <summary>The items of a page where the caller does not say.</summary>
    public const int PageDefault = 50;

    /// <summary>The most questions of one call to the gate.</summary>
    public const int GateChecks = 1_000;

    /// <summary>The most accounts of one preview of a policy.</summary>
    public const int PreviewAccounts = 1_000;

    /// <summary>The steps of each account that a preview tells.</summary>
    public const int PreviewSteps = 5;

    /// <summary>The most seconds that a caller may ask to wait.</summary>
    public const int WaitSeconds = 20;

    /// <summary>The seconds that a call waits where the caller does not say.</summary>
    public const int WaitSecondsDefault = 5;

    /// <summary>The seconds that an advance of a test clock waits before it answers <c>202</c>.</summary>
    public const int AdvanceSeconds = 20;

    /// <summary>The accounts whose clock is remembered; which clock an account has never changes.</summary>
    public const int ClocksRemembered = 100_000;

    /// <summary>The earliest instant that a caller may name.</summary>
    public static readonly Instant EarliestInstant = Instant.FromUtc(1970, 1, 1, 0, 0);

    /// <summary>The latest instant that a caller may name, so that no instant computed from it leaves the calendar.</summary>
    public static readonly Instant LatestInstant = Instant.FromUtc(9000, 1, 1, 0, 0);
}
