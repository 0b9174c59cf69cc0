using System.Collections.Concurrent;
using Billing.Domain;
using Billing.Gateways;
using Billing.Simulation.Histories;
using Billing.Simulation.Mutations;
using Xunit.Abstractions;

namespace Billing.Simulation;

/// <summary>The histories go where they are meant to go: a property over histories in which nothing happens says nothing.</summary>
public sealed class CoverageTests(ITestOutputHelper output)
{
    private const int Histories = 1_000;

    /// <summary>
    /// The commands that people and operators give every day. Words about single notices and about attention are given too,
    /// but what they are about comes up in few of so many histories.
    /// </summary>
    private static readonly Type[] s_commands =
    [
        typeof(PutAccount), typeof(PutPaymentMethod), typeof(RemovePaymentMethod), typeof(MakeDefault), typeof(Pay), typeof(VoidInvoice), typeof(WriteOff), typeof(UndoWriteOff), typeof(AdjustInvoice),
        typeof(GrantCredit), typeof(RefundCredit), typeof(PutSubscription), typeof(CancelSubscription), typeof(AddCharge), typeof(PutResource), typeof(AcknowledgeOrder), typeof(PowerOn), typeof(PutHold),
        typeof(ReleaseHold), typeof(PutControls), typeof(Extend), typeof(EndExtension), typeof(MoveEpisode), typeof(PutInvoice),
        typeof(FinalizeInvoice), typeof(RecordReceived), typeof(RefundPayment), typeof(ReversePayment), typeof(ResolvePayment),
    ];

    [Fact]
    public void Histories_Together_GiveEveryCommandWhilePaymentsAreLive()
    {
        var (done, whileLive) = (new ConcurrentDictionary<Type, int>(), new ConcurrentDictionary<Type, int>());
        var statuses = new ConcurrentDictionary<ChargeStatus, int>();
        var crashes = 0;
        Parallel.For(1, Histories + 1, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            History.Of(seed).Live(Mutation.None, trace: null, (world, message, reply) =>
            {
                if (reply is Done) done.AddOrUpdate(message.GetType(), 1, (_, n) => n + 1);
                if (world.Account("a").Payments.Any(payment => payment.IsLive)) whileLive.AddOrUpdate(message.GetType(), 1, (_, n) => n + 1);
            }, out var world);
            Interlocked.Add(ref crashes, world.Crashes);
            foreach (var charge in world.Gateway.Charges) statuses.AddOrUpdate(charge.Status, 1, (_, n) => n + 1);
        });

        output.WriteLine($"{Histories} histories, {crashes} crashes; charges: {string.Join(", ", statuses.OrderBy(status => status.Key))}");
        foreach (var command in s_commands) output.WriteLine($"{command.Name}: {done.GetValueOrDefault(command)} done, {whileLive.GetValueOrDefault(command)} given while a payment is live");
        Assert.All(s_commands, command => Assert.True(done.ContainsKey(command), $"Nobody ever did {command.Name}."));
        Assert.All(s_commands, command => Assert.True(whileLive.ContainsKey(command), $"Nobody ever gave {command.Name} while a payment was live."));
        Assert.True(crashes > Histories, "There are fewer crashes than histories.");
        Assert.All([ChargeStatus.Succeeded, ChargeStatus.Declined, ChargeStatus.AuthenticationRequired, ChargeStatus.Cancelled], status => Assert.True(statuses.ContainsKey(status), $"No charge ended {status}."));
    }
}
