namespace Billing.Simulation.Histories;

/// <summary>What somebody does.</summary>
internal enum Deed
{
    Issue,
    IssueManual,
    Draft,
    Finalize,
    Pay,
    PayAll,
    PayAgain,
    Receive,
    Grant,
    RefundCredit,
    Adjust,
    Void,
    WriteOff,
    UndoWriteOff,
    Refund,
    Reverse,
    Dispute,
    TellAgain,
    Resolve,
    PutMethod,
    RemoveMethod,
    MakeDefault,
    PutHold,
    ReleaseHold,
    Controls,
    Extend,
    EndExtension,
    MovePolicy,
    Bounce,
    Attest,
    PutResource,
    Acknowledge,
    PowerOn,
    Subscribe,
    CancelSubscription,
    AddCharge,
    ChangeProfile,
    ResolveAttention,
    AskGate,
    Advance,
    AdvanceFar,
    Jump,
    SleepDead,
    Crash,
    Collect,
}

/// <summary>How far what follows from a deed is let run before the next one.</summary>
internal enum Pace
{
    /// <summary>Until all is quiet.</summary>
    Quiet,

    /// <summary>Only some steps: the next deed comes while this one's consequences are under way.</summary>
    Some,

    /// <summary>Some steps, then the process dies, and another one starts.</summary>
    Crash,

    /// <summary>Until all is quiet, and some seconds more.</summary>
    Seconds,
}

/// <summary>
/// One step of a history. Implementation note: its numbers choose among what exists when it is taken, so a history with
/// steps left out is a history too, and a failing one can be made shorter.
/// </summary>
/// <param name="Deed">What is done.</param>
/// <param name="A">The first choice.</param>
/// <param name="B">The second choice.</param>
/// <param name="Pace">How far it is let run.</param>
/// <param name="Steps">So many steps, where the pace asks for some.</param>
internal sealed record Step(Deed Deed, int A, int B, Pace Pace, int Steps)
{
    private static readonly Deed[] s_weighted = [.. Weights().SelectMany(weight => Enumerable.Repeat(weight.Deed, weight.Times))];

    /// <summary>Draws a step.</summary>
    public static Step Of(Random random) => Of(random, s_weighted[random.Next(s_weighted.Length)]);

    /// <summary>Draws how a deed is done.</summary>
    public static Step Of(Random random, Deed deed)
    {
        var pace = random.Next(20) switch { < 8 => Pace.Quiet, < 13 => Pace.Some, < 15 => Pace.Crash, _ => Pace.Seconds };
        return new Step(deed, random.Next(100_000), random.Next(100_000), pace, random.Next(60));
    }

    private static (Deed Deed, int Times)[] Weights() =>
    [
        (Deed.Issue, 12), (Deed.IssueManual, 4), (Deed.Draft, 3), (Deed.Finalize, 3), (Deed.Pay, 8), (Deed.PayAll, 5), (Deed.PayAgain, 2), (Deed.Receive, 4), (Deed.Grant, 2), (Deed.RefundCredit, 3),
        (Deed.Adjust, 3), (Deed.Void, 3), (Deed.WriteOff, 2), (Deed.UndoWriteOff, 2), (Deed.Refund, 5), (Deed.Reverse, 2), (Deed.Dispute, 3), (Deed.TellAgain, 2), (Deed.Resolve, 3),
        (Deed.PutMethod, 6), (Deed.RemoveMethod, 2), (Deed.MakeDefault, 2), (Deed.PutHold, 2), (Deed.ReleaseHold, 3), (Deed.Controls, 2), (Deed.Extend, 2), (Deed.EndExtension, 2), (Deed.MovePolicy, 2),
        (Deed.Bounce, 2), (Deed.Attest, 2), (Deed.PutResource, 3), (Deed.Acknowledge, 3), (Deed.PowerOn, 2), (Deed.Subscribe, 3), (Deed.CancelSubscription, 2), (Deed.AddCharge, 1), (Deed.ChangeProfile, 1), (Deed.ResolveAttention, 2), (Deed.AskGate, 3),
        (Deed.Advance, 14), (Deed.AdvanceFar, 6), (Deed.Jump, 3), (Deed.SleepDead, 3), (Deed.Crash, 3), (Deed.Collect, 1),
    ];
}
