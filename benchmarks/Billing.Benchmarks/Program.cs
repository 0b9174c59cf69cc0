using System.Globalization;
using Billing.Benchmarks;
using Billing.Benchmarks.Webhooks;

// The first word says what is measured; without one it is the gate of one process. See benchmarks/README.md.
switch (args)
{
    case ["serve", var folder, .. var settings]:
        await Server.ServeAsync(folder, settings);
        break;
    case ["webhooks", ..]:
        using (var server = await ServerProcess.StartAsync())
            await Recognition.RunAsync(server.Port, server.Database, Read("rounds", 5), Read("seconds", 5), Read("connections", 32));
        break;
    case ["sizing", ..]:
        await Sizing.RunAsync(Read("accounts", 10_000));
        break;
    case ["healthy", ..]:
        await HealthyAccounts.RunAsync(Read("accounts", 1_000_000), Read("minutes", 6));
        break;
#if ORLEANS
    case ["cluster", ..]:
        await Billing.Benchmarks.Cluster.ClusterGates.RunAsync(Gates());
        break;
    case ["reminders", ..]:
        await Billing.Benchmarks.Cluster.Reminders.RunAsync(Read("reminders", 100_000), Read("rounds", 3));
        break;
#endif
    default:
        await GateAsync();
        break;
}

return;

Gates Gates() => new(Read("accounts", 10_000), Read("connections", 32), Read("rounds", 9), Read("seconds", 3));

async Task GateAsync()
{
    using var server = await ServerProcess.StartAsync();
    var gates = Gates();
    await gates.PrepareAsync(server);
    await gates.WarmAsync(server);
    var measured = await gates.RunAsync(new Dictionary<string, Endpoint>
    {
        ["gate"] = Billing.Benchmarks.Gates.Gate(server, server),
        ["constant JSON"] = Billing.Benchmarks.Gates.Constant(server),
        ["one SELECT"] = Billing.Benchmarks.Gates.Select(server),
    });
    Console.WriteLine(gates.Setting);
    Console.WriteLine(Report.Table(measured, "gate"));
}

int Read(string name, int otherwise)
{
    var at = Array.IndexOf(args, "--" + name);
    return at < 0 ? otherwise : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
}
