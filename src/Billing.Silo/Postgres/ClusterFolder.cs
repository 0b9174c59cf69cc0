using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Billing.Silo.Postgres;

/// <summary>The files of a private cluster, and the rights on them.</summary>
/// <remarks>
/// <para>Everything is in a folder of its own with mode 0700 that belongs to the server's user: <c>data</c>, <c>socket</c>,
/// <c>password</c> (0600) and <c>log</c>. Beside it <c>postgres.lock</c> says who started the server and stops it.</para>
/// <para>Implementation note: a socket's path has at most 107 bytes, so a long one makes way for a folder under the
/// temporary folder, named after the long one so that the next process finds it. And where root's data folder cannot be
/// entered by the server's user (below a home folder), the cluster goes to <c>/var/lib</c>, named in the same way.</para>
/// </remarks>
internal sealed record ClusterFolder(string Root, string LockFile)
{
    private const int LongestSocketPath = 107;

    public string Data => Path.Combine(Root, "data");

    /// <summary>Where a cluster is made before it gets its name, so that half a cluster is never taken for one.</summary>
    public string DataInTheMaking => Path.Combine(Root, "data.new");

    public string PasswordFile => Path.Combine(Root, "password");

    public string LogFile => Path.Combine(Root, "log");

    public string PostmasterFile => Path.Combine(Data, "postmaster.pid");

    /// <summary>Written at each start and included by <c>postgresql.conf</c>.</summary>
    public string SettingsFile => Path.Combine(Data, "billing.conf");

    public string Socket
    {
        get
        {
            var usual = Path.Combine(Root, "socket");
            return Encoding.UTF8.GetByteCount(Path.Combine(usual, ".s.PGSQL.65535")) <= LongestSocketPath
                ? usual
                : Path.Combine(Path.GetTempPath(), "billing-" + ShortName(Root));
        }
    }

    /// <summary>Makes the folders for a user, or finds them.</summary>
    public static async Task<ClusterFolder> OpenAsync(string dataFolder, ServerUser user, CancellationToken cancellationToken)
    {
        var home = Path.GetFullPath(dataFolder);
        MakePrivate(home);
        var root = Path.Combine(home, "postgres");
        if (user.IsOther && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(home, File.GetUnixFileMode(home) | UnixFileMode.OtherExecute);
            if ((await user.RunAsync("test", ["-x", home], cancellationToken)).ExitCode != 0)
                root = "/var/lib/billing-" + ShortName(root);
        }
        var folder = new ClusterFolder(root, Path.Combine(home, "postgres.lock"));
        foreach (var path in (string[])[folder.Root, folder.Socket])
        {
            MakePrivate(path);
            if (!OperatingSystem.IsWindows()) // Fails where somebody else has made it, under the temporary folder.
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await user.OwnAsync(path, cancellationToken);
        }
        return folder;
    }

    /// <summary>Writes a file that only its owner reads, from its first byte on.</summary>
    public static void WritePrivate(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }

    private static void MakePrivate(string path)
    {
        if (Directory.Exists(path))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string ShortName(string path) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)).AsSpan(0, 6)).ToString(CultureInfo.InvariantCulture);
}
