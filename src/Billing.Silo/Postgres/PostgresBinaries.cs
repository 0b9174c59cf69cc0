using System.Runtime.InteropServices;

namespace Billing.Silo.Postgres;

/// <summary>Where <c>initdb</c> and <c>pg_ctl</c> are.</summary>
/// <param name="Folder">The folder of both, with <c>postgres</c> beside them.</param>
public sealed record PostgresBinaries(string Folder)
{
    private static string Suffix => OperatingSystem.IsWindows() ? ".exe" : "";

    /// <summary>The program that makes a cluster.</summary>
    public string InitDb => Path.Combine(Folder, "initdb" + Suffix);

    /// <summary>The program that starts and stops a server.</summary>
    public string PgCtl => Path.Combine(Folder, "pg_ctl" + Suffix);

    /// <summary>The folders that are searched on this system, in order: PATH, then the usual places with the newest version first.</summary>
    public static IEnumerable<string> UsualFolders()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (OperatingSystem.IsWindows())
            return path.Concat(Versions(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*"));
        return path
            .Concat(Versions("/usr/lib/postgresql", "*")) // Debian, Ubuntu
            .Concat(Versions("/usr", "pgsql-*")) // Red Hat
            .Concat(Versions("/usr/libexec", "postgresql*", bin: "")) // Alpine
            .Concat(Versions("/opt/homebrew/opt", "postgresql*"))
            .Concat(Versions("/usr/local/opt", "postgresql*"))
            .Concat(Versions("/Applications/Postgres.app/Contents/Versions", "*"))
            .Append("/usr/local/pgsql/bin");
    }

    /// <summary>The first folder that has both programs.</summary>
    /// <param name="folders">Where to look; <see langword="null"/>: <see cref="UsualFolders"/>.</param>
    /// <returns><see langword="null"/> where there is none; <see cref="Missing"/> is what to say then.</returns>
    public static PostgresBinaries? Find(IEnumerable<string>? folders = null) =>
        (folders ?? UsualFolders())
            .Select(folder => new PostgresBinaries(folder))
            .FirstOrDefault(found => Exists(found.InitDb) && Exists(found.PgCtl));

    /// <summary>The sentence for somebody who has no server, with the three ways on.</summary>
    public static string Missing() =>
        $"No PostgreSQL server was found: install it ({InstallCommand()}), or set ConnectionStrings:Billing to the connection string of a server, or run `docker compose up`.";

    private static string InstallCommand()
    {
        if (OperatingSystem.IsWindows())
            return "`winget install PostgreSQL.PostgreSQL.17`";
        if (OperatingSystem.IsMacOS())
            return "`brew install postgresql@17`";
        var system = File.Exists("/etc/os-release") ? File.ReadAllText("/etc/os-release") : RuntimeInformation.OSDescription;
        return system switch
        {
            _ when Is(system, "debian") || Is(system, "ubuntu") => "`sudo apt-get install postgresql`",
            _ when Is(system, "alpine") => "`apk add postgresql`",
            _ when Is(system, "fedora") || Is(system, "rhel") || Is(system, "centos") => "`sudo dnf install postgresql-server`",
            _ when Is(system, "arch") => "`sudo pacman -S postgresql`",
            _ when Is(system, "suse") => "`sudo zypper install postgresql-server`",
            _ => "the package `postgresql` of your system",
        };
    }

    // A link to a program that was removed is a file, too.
    private static bool Exists(string path) => File.Exists(path) && (File.ResolveLinkTarget(path, returnFinalTarget: true)?.Exists ?? true);

    private static bool Is(string system, string name) => system.Contains(name, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Versions(string parent, string pattern, string bin = "bin") =>
        Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, pattern)
                .OrderByDescending(x => double.TryParse(new string([.. Path.GetFileName(x).Where(c => char.IsAsciiDigit(c) || c == '.')]), out var version) ? version : 0)
                .Select(x => Path.Combine(x, bin))
            : [];
}
