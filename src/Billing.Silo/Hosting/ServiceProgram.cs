using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Npgsql;

namespace Billing.Silo;

/// <summary>How a process of the house begins and ends: what hinders a start is one sentence and exit code 1, and a stop is no fault, also during a start.</summary>
public static class ServiceProgram
{
    /// <summary>Runs a program, or asks the one beside it (<see cref="HealthProbe"/>).</summary>
    /// <param name="args">Its command line.</param>
    /// <param name="run">The program.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> MainAsync(string[] args, Func<Task> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (HealthProbe.IsAsked(args)) return await HealthProbe.RunAsync(args);
        try
        {
            await run();
            return Environment.ExitCode;
        }
        catch (Exception failure) when (Explain(failure) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return 1;
        }
    }

    /// <summary>Runs a host until it is asked to stop.</summary>
    public static async Task RunToItsEndAsync(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var stopping = app.Lifetime.ApplicationStopping;
        try
        {
            await app.RunAsync();
        }
        catch (Exception failure) when (stopping.IsCancellationRequested && IsInterruption(failure))
        {
            // It was asked to stop before it had begun.
        }
    }

    /// <summary>What hinders a start, for whoever has to mend it; <see langword="null"/> where it is a fault of the program.</summary>
    internal static string? Explain(Exception failure) => failure switch
    {
        StartRefusedException => failure.Message,
        InvalidOperationException when failure.Message.StartsWith("Failed to convert configuration value", StringComparison.Ordinal) => Line(failure.Message),
        NpgsqlException => $"The database cannot be used: {Line(failure.Message)}",
        IOException { InnerException: AddressInUseException } or SocketException => $"The process cannot listen: {Line(failure.Message)}",
        OrleansException => $"The engine did not start: {Line(failure.Message)}",
        AggregateException { InnerExceptions: [var first, ..] } => Explain(first),
        _ => null,
    };

    private static bool IsInterruption(Exception failure) =>
        failure is OperationCanceledException or OrleansException || (failure is AggregateException several && several.InnerExceptions.All(IsInterruption));

    private static string Line(string text) => text.ReplaceLineEndings(" ");
}
