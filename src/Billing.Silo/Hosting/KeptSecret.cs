using System.Security.Cryptography;

namespace Billing.Silo;

/// <summary>A secret of this installation that is made once and kept in a file of the data folder that its owner alone can read.</summary>
public static class KeptSecret
{
    /// <summary>Finds the secret, or makes it.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="prefix">What a new one begins with, before 256 random bits in hex.</param>
    /// <returns>The secret, and the file's full path.</returns>
    public static (string Secret, string File) Load(string folder, string name, string prefix = "")
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, name);
        if (!File.Exists(file)) Make(file, prefix);
        return (File.ReadAllText(file).Trim(), Path.GetFullPath(file));
    }

    /// <summary>Writes a new one whole or not at all; of two processes that start at once the first one's stays.</summary>
    private static void Make(string file, string prefix)
    {
        var draft = $"{file}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(draft, options)) writer.Write(prefix + RandomNumberGenerator.GetHexString(64, lowercase: true));
        try
        {
            File.Move(draft, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(draft);
        }
    }
}
