using System.Security.Cryptography;
using System.Text;
using Billing.Silo;

namespace Billing.Api.Hosting;

/// <summary>
/// The first key of an installation: <c>Billing:AdminKey</c>, else one that is made once and kept in the data folder. Only
/// its SHA-256 stays in memory. It has every scope, and is what the other keys are made with (<see cref="KeyRing"/>).
/// </summary>
internal sealed class AdminKey
{
    private const string FileName = "admin-key";

    private AdminKey(string key, string? file)
    {
        Hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        File = file;
    }

    /// <summary>The key's SHA-256.</summary>
    public byte[] Hash { get; }

    /// <summary>Where a key that was made here is kept; none where the configuration gives one.</summary>
    public string? File { get; }

    /// <summary>Takes the configured key, or finds or makes the kept one.</summary>
    /// <exception cref="StartRefusedException">The configured key is too short.</exception>
    public static AdminKey Load(BillingOptions options)
    {
        if (options.AdminKey is { Length: > 0 } given)
        {
            return given.Length >= BillingOptions.ShortestAdminKey
                ? new AdminKey(given, file: null)
                : throw new StartRefusedException($"Billing:AdminKey needs at least {BillingOptions.ShortestAdminKey} characters. Leave it out, and one is made and kept in the data folder.");
        }

        var (kept, file) = KeptSecret.Load(options.DataFolder, FileName, prefix: "bk_");
        return new AdminKey(kept, file);
    }
}
