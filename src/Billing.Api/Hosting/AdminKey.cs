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

        Directory.CreateDirectory(options.DataFolder);
        var file = Path.Combine(options.DataFolder, FileName);
        if (!System.IO.File.Exists(file)) Make(file);
        return new AdminKey(System.IO.File.ReadAllText(file).Trim(), Path.GetFullPath(file));
    }

    /// <summary>Writes a new key whole or not at all; of two processes that start at once the first one's stays.</summary>
    private static void Make(string file)
    {
        var draft = $"{file}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(draft, options)) writer.Write("bk_" + RandomNumberGenerator.GetHexString(64, lowercase: true));
        try
        {
            System.IO.File.Move(draft, file, overwrite: false);
        }
        catch (IOException) when (System.IO.File.Exists(file))
        {
            System.IO.File.Delete(draft);
        }
    }
}
