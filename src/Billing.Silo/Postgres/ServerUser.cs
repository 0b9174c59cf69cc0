using System.Diagnostics;
using System.Globalization;

namespace Billing.Silo.Postgres;

/// <summary>
/// As whom the server's programs run. PostgreSQL refuses root, so root runs them as <c>postgres</c>, or else as
/// <c>nobody</c>; anybody else runs them as themselves.
/// </summary>
/// <param name="Name">The other user; <see langword="null"/>: nobody but us.</param>
/// <param name="Uid">The user's number.</param>
/// <param name="Gid">The number of the user's group.</param>
internal sealed record ServerUser(string? Name, int Uid, int Gid)
{
    /// <summary>Whether the programs run as somebody else.</summary>
    public bool IsOther => Name is not null;

    /// <summary>Who it is in this process.</summary>
    /// <exception cref="InvalidOperationException">We are root and there is nobody else.</exception>
    public static ServerUser Current()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return new ServerUser(null, 0, 0);
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(x => x.Length > 3).ToList();
        foreach (var name in (string[])["postgres", "nobody", "daemon"])
        {
            if (users.Find(x => x[0] == name) is { } user)
                return new ServerUser(name, int.Parse(user[2], CultureInfo.InvariantCulture), int.Parse(user[3], CultureInfo.InvariantCulture));
        }
        throw new StartRefusedException("PostgreSQL does not run as root, and there is no other user to run it as: add one called postgres.");
    }

    /// <summary>Runs a program as this user and waits for its end.</summary>
    /// <returns>The exit code, and what it wrote.</returns>
    public async Task<(int ExitCode, string Output)> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, (await output + await errors).Trim());
    }

    /// <summary>Runs a program as this user and waits for its end, for the handler of the process's own end.</summary>
    public void Run(string program, IEnumerable<string> arguments)
    {
        using var process = Start(program, arguments);
        process.WaitForExit();
    }

    /// <summary>Gives files to this user; does nothing where that is us.</summary>
    public async Task OwnAsync(string path, CancellationToken cancellationToken)
    {
        if (!IsOther)
            return;
        var (exitCode, output) = await new ServerUser(null, 0, 0).RunAsync("chown", ["-R", $"{Uid}:{Gid}", path], cancellationToken);
        if (exitCode != 0)
            throw new StartRefusedException($"{path} could not be given to the user {Name}: {output}");
    }

    private Process Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Not the caller's folder: the other user may not be allowed in, or it may be deleted meanwhile.
            WorkingDirectory = Path.GetPathRoot(Environment.SystemDirectory) is { Length: > 0 } root ? root : "/",
        };
        // The server's messages are read by us now and then, so they are in one language.
        start.Environment["LC_ALL"] = "C";
        start.Environment["LC_MESSAGES"] = "C";
        string[] words = [.. AsUser(), program, .. arguments];
        start.FileName = words[0];
        foreach (var word in words.AsSpan(1))
            start.ArgumentList.Add(word);
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    private string[] AsUser()
    {
        if (!IsOther)
            return [];
        if (OnPath("setpriv"))
            return ["setpriv", $"--reuid={Uid}", $"--regid={Gid}", "--clear-groups", "--"];
        if (OnPath("runuser"))
            return ["runuser", "-u", Name!, "--"];
        if (OnPath("su-exec"))
            return ["su-exec", $"{Uid}:{Gid}"];
        throw new StartRefusedException("PostgreSQL does not run as root, and neither setpriv nor runuser is here to run it as another user.");
    }

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(["/usr/bin", "/bin", "/usr/sbin", "/sbin"])
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
