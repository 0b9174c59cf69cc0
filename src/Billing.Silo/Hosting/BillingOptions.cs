using Billing.Grains.Hosting;
using Billing.Grains.Pulls;
using Billing.Grains.Sweeping;
using Billing.Silo.Webhooks;

namespace Billing.Silo;

/// <summary>The section <c>Billing</c> of the configuration. What is wrong with it is said at start.</summary>
public sealed class BillingOptions
{
    /// <summary>The shortest admin key.</summary>
    public const int ShortestAdminKey = 32;

    /// <summary>What this process is for: <c>all</c> (the default), <c>silo</c> or <c>api</c>; see <see cref="BillingRole"/>.</summary>
    public string? Role { get; set; }

    /// <summary>For how long a process that is asked to stop says that it is not ready before it takes no more calls. Default 5 s, in Development none; to 5 min.</summary>
    public TimeSpan? Drain { get; set; }

    /// <summary>
    /// Whether this database was restored from a backup: then collection is paused before anything of it moves, until the
    /// gateways' books have been pulled or an operator lets it go on. Default no. Take it away again after the first start.
    /// </summary>
    public bool Restored { get; set; }

    /// <summary>Where what belongs to this installation lies: the private database cluster, the generated admin key. Default <c>.billing</c>.</summary>
    public string DataFolder { get; set; } = ".billing";

    /// <summary>The first key, with every scope. Without one, one is made and kept in the data folder.</summary>
    public string? AdminKey { get; set; }

    /// <summary>Whether test clocks and the sandbox gateway exist. Default: in Development.</summary>
    public bool? Sandbox { get; set; }

    /// <summary>Signs the sandbox's webhooks. Without one, each process makes its own, which suits one process.</summary>
    public string? SandboxWebhookSecret { get; set; }

    /// <summary>Where the sandbox sends its webhooks. Default: this process's own address.</summary>
    public Uri? SandboxWebhookUrl { get; set; }

    /// <summary>The safety net.</summary>
    public SweeperOptions Sweeper { get; set; } = new();

    /// <summary>How grains deliver.</summary>
    public DeliveryOptions Delivery { get; set; } = new();

    /// <summary>How events are sent to subscribers.</summary>
    public WebhookOptions Webhooks { get; set; } = new();

    /// <summary>
    /// For tests of crashes: the process kills itself at the n-th passing of a place, <c>after_write:17</c>. Refused in Production.
    /// </summary>
    public string? CrashAt { get; set; }

    /// <summary>How many live accounts an hour may enter a standing that deletes; the others wait and are on the attention list. Default 100; 0 to 1,000, or the start is refused.</summary>
    public int DeletionBrake { get; set; } = 100;

    /// <summary>The payment gateways.</summary>
    public GatewaysOptions Gateways { get; set; } = new();

    /// <summary>How often the gateways' books are compared with ours.</summary>
    public PullOptions Pull { get; set; } = new();

    /// <summary>How often policies, pauses and pulls are read again.</summary>
    public TimeSpan PolicyRefresh { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>After so long every process of a cluster has read what was written: the read that was under way then, the next one, and some time for it.</summary>
    public TimeSpan PolicyKnownAfter => PolicyRefresh + TimeSpan.FromMilliseconds(250);
}
