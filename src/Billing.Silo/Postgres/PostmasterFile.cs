using System.Diagnostics;
using System.Globalization;

namespace Billing.Silo.Postgres;

/// <summary>
/// <c>postmaster.pid</c>, in which a server says who it is: its process id on the first line, its port on the fourth and
/// on the eighth how far it is. It writes them as it comes up, and a killed one leaves them behind.
/// </summary>
internal static class PostmasterFile
{
    /// <summary>The lines; <see langword="null"/> where there is no file or not yet a port.</summary>
    public static string[]? Read(string path)
    {
        try
        {
            var lines = File.ReadAllLines(path);
            return lines.Length >= 4 ? lines : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The id of the server, if it lives.</summary>
    public static int? LivingId(string[]? lines)
    {
        if (Id(lines) is not { } id)
            return null;
        try
        {
            using var process = Process.GetProcessById(id);
            return process.ProcessName.StartsWith("postgres", StringComparison.Ordinal) && !IsZombie(id) ? id : null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether some process has the number, the server or another.</summary>
    public static bool IsNumberTaken(string[]? lines)
    {
        if (Id(lines) is not { } id)
            return false;
        try
        {
            using var process = Process.GetProcessById(id);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Whether the server says that it comes or goes.</summary>
    public static bool IsOnItsWay(string[]? lines) => lines is not { Length: >= 8 } || lines[7].Trim() is "starting" or "stopping";

    private static int? Id(string[]? lines) =>
        lines is not null && int.TryParse(lines[0], CultureInfo.InvariantCulture, out var id) ? id : null;

    // In a container whose first process collects no children a dead server keeps its number and its name.
    private static bool IsZombie(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..] is ['Z' or 'X', ..];
        }
        catch (IOException)
        {
            return false; // No Linux, or gone.
        }
    }
}
