namespace Billing.Domain.Tests;

/// <summary>A payment that waits for the customer is cancelled before another is submitted; nobody submits on hope.</summary>
public sealed class UnconfirmedCancelTests
{
    [Fact]
    public void Pay_TheCancelIsNotConfirmed_IsGivenUpUnsubmitted()
    {
        var (world, first) = Waiting();
        world.Gateway.ConfirmsNoCancel = true;
        var submissions = world.Gateway.Submissions;

        var second = Pay(world);

        Assert.Equal(submissions, world.Gateway.Submissions);
        Assert.Equal((PaymentStatus.AwaitingCustomer, PaymentStatus.Cancelled), (world.Payment(first).Status, world.Payment(second).Status));
        Assert.Null(Assert.Single(world.Account().Invoices).ReservedBy);
    }

    [Fact]
    public void Pay_TheCancelIsConfirmedLater_CanBeAskedForAgain()
    {
        var (world, first) = Waiting();
        world.Gateway.ConfirmsNoCancel = true;
        Pay(world);

        world.Gateway.ConfirmsNoCancel = false;
        world.Go("1h");
        Assert.Equal(PaymentStatus.Cancelled, world.Payment(first).Status);
        Assert.Equal(PaymentStatus.Succeeded, world.Payment(Pay(world)).Status);
        Assert.Single(world.Gateway.Charges, charge => charge.Status == "succeeded");
    }

    [Fact]
    public void Pay_PaidMeanwhile_ThatOneStands()
    {
        var (world, first) = Waiting("processing_ok:0d");
        world.Gateway.ConfirmsNoCancel = true;

        var second = Pay(world);
        world.Go("1h");

        Assert.Equal((PaymentStatus.Succeeded, PaymentStatus.Cancelled), (world.Payment(first).Status, world.Payment(second).Status));
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
        Assert.Single(world.Gateway.Charges);
    }

    private static (World World, string First) Waiting(string step = "processing")
    {
        var world = World.With("""{"standings": []}""").Issue("I1", 100, Collection.Manual, Days.At("9d"));
        var paid = Assert.IsType<Done>(world.PayWith([step], MethodKind.Crypto, "I1"));
        return (world, paid.Id!);
    }

    private static string Pay(World world) => Assert.IsType<Done>(world.PayWith("ok", "I1")).Id!;
}
