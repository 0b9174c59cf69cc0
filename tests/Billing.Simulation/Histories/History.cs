using System.Globalization;
using Billing.Domain;
using Billing.Simulation.Checks;
using Billing.Simulation.Installations;
using Billing.Simulation.Mutations;
using NodaTime;

namespace Billing.Simulation.Histories;

/// <summary>
/// A generated history: from one seed the policy, the faults and the steps, and the order of everything that happens. It is
/// lived to its end, then all is healed and everything is paid.
/// </summary>
/// <param name="Seed">The seed.</param>
/// <param name="Steps">What people do.</param>
internal sealed record History(int Seed, IReadOnlyList<Step> Steps)
{
    /// <summary>One in so many is of manual invoices and time alone, for which the timeline is known beforehand.</summary>
    private const int OfTimeOneIn = 8;

    /// <summary>One in so many is left to itself at its end, to see whether the forecast comes true.</summary>
    private const int ForeseenOneIn = 10;

    private const int MostRoundsOfPaying = 12;

    private bool IsOfTime => Seed % OfTimeOneIn == 0;

    private bool IsForeseen => !IsOfTime && Seed % ForeseenOneIn == 1;

    /// <summary>Draws the history of a seed.</summary>
    public static History Of(int seed)
    {
        var random = new Random(seed);
        var count = 5 + random.Next(21);
        Deed[] first = [Deed.Issue, Deed.Issue, Deed.IssueManual, Deed.Subscribe, Deed.PutResource];
        if (seed % OfTimeOneIn != 0) return new History(seed, [.. Enumerable.Range(0, count).Select(n => n < 3 ? Step.Of(random, first[random.Next(first.Length)]) : Step.Of(random))]);
        Deed[] deeds = [Deed.IssueManual, Deed.IssueManual, Deed.Advance, Deed.AdvanceFar, Deed.Jump, Deed.SleepDead, Deed.Crash, Deed.Collect];
        return new History(seed, [.. Enumerable.Range(0, count).Select(_ => Step.Of(random, deeds[random.Next(deeds.Length)]))]);
    }

    /// <summary>Lives it.</summary>
    /// <param name="mutation">A mistake made on purpose.</param>
    /// <param name="trace">Takes a line for each thing that happens.</param>
    /// <returns>What was caught and after how many steps; <see langword="null"/> where all is well.</returns>
    public Failure? Live(Mutation mutation, Action<string>? trace = null) => Live(mutation, trace, heard: null, out _);

    /// <inheritdoc cref="Live(Mutation, Action{string})"/>
    /// <param name="heard">Told of each command's answer.</param>
    /// <param name="world">Where it was lived.</param>
#pragma warning disable CS1573 // The others are inherited.
    public Failure? Live(Mutation mutation, Action<string>? trace, Action<Installation, Message, Reply?>? heard, out Installation world)
#pragma warning restore CS1573
    {
        var random = new Random(Seed ^ 0x5EED);
        world = new Installation(Seed, mutation, hasWakeUps: random.Next(3) > 0, closesKeys: random.Next(2) == 0, faultsPerMille: random.Next(2) * 10) { Trace = trace };
        world.Policies.Book = PolicyBook.Empty.With(Installation.PolicyId, [IsOfTime ? Policies.OfTime(random) : Policies.Any(random)]);
        var lived = world;
        var actor = new Actor(world, "a") { Heard = heard is null ? null : (message, reply) => heard(lived, message, reply) };
        var net = new Net(world, [actor]);
        var at = -1;
        try
        {
            Begin(world, actor, random);
            for (at = 0; at < Steps.Count; at++)
            {
                trace?.Invoke($"--- {at}: {Steps[at]}");
                Take(world, actor, Steps[at]);
                net.AfterStep();
            }

            if (IsForeseen && world.HasWakeUps && mutation.IsOfForesight) Foresee(world, actor, net);
            Heal(world);
            net.AfterStep();
            if (IsOfTime) TimelineOfDebts.Check(world, actor);
            else PayEverything(world, actor, net);
            net.AtEnd();
            return null;
        }
        catch (Exception caught)
        {
            return new Failure(this, mutation, at, caught);
        }
    }

    private void Begin(Installation world, Actor actor, Random random)
    {
        actor.Begin();
        world.Run();
        while (world.Account(actor.Account).Profile is null)
        {
            world.Advance(Duration.FromMinutes(1));
            actor.Begin();
            world.Run();
        }

        if (IsOfTime) return;
        actor.PutMethod("m0", random.Next(3) switch { 0 => "good", 1 => "bad", _ => "any" }, null);
        if (random.Next(2) == 0) actor.PutMethod("m1", random.Next(2) == 0 ? "bank" : "any", null);
        world.Run();
    }

    private static void Take(Installation world, Actor actor, Step step)
    {
        switch (step.Deed)
        {
            case Deed.Advance:
                world.Advance(Duration.FromMinutes(1 + step.A % 2_000));
                break;
            case Deed.AdvanceFar:
                world.Advance(Duration.FromMinutes(step.A % 57_600));
                break;
            case Deed.Jump:
                world.Jump(Duration.FromMinutes(step.A % 20_000));
                break;
            case Deed.SleepDead:
                world.Crash();
                world.Advance(Duration.FromMinutes(step.A % 57_600));
                world.Restart();
                break;
            case Deed.Crash:
                world.Run(step.Steps);
                world.Crash();
                world.Restart();
                break;
            case Deed.Collect:
                world.Process.CollectIdle(TimeSpan.Zero);
                break;
            default:
                actor.Do(step);
                break;
        }

        switch (step.Pace)
        {
            case Pace.Some:
                world.Run(step.Steps);
                break;
            case Pace.Crash:
                world.Run(step.Steps);
                world.Crash();
                world.Restart();
                world.Run(step.B % 40);
                break;
            case Pace.Seconds:
                world.Advance(Duration.FromMilliseconds(step.B % 100_000));
                break;
            default:
                world.Run();
                break;
        }
    }

    /// <summary>Nothing is paid for a while.</summary>
    private static void Foresee(Installation world, Actor actor, Net net)
    {
        world.Restart();
        world.Gateway.IsCalm = true;
        Foresight.Check(world, actor);
        world.Gateway.TakesNoMoney = false;
        net.AfterStep();
    }

    /// <summary>Nothing is lost or late any more, and what is under way ends.</summary>
    private static void Heal(Installation world)
    {
        world.Restart();
        world.Gateway.IsCalm = true;
        world.Advance(Duration.FromDays(12));
        for (var i = 0; i < 20 && !world.IsSettled; i++) world.Advance(Duration.FromHours(1));
        if (!world.IsSettled) throw new CheckFailedException("twelve days after the last fault something is still under way");
    }

    private static void PayEverything(Installation world, Actor actor, Net net)
    {
        for (var i = 0; i < MostRoundsOfPaying; i++)
        {
            actor.PayWell();
            world.Advance(Duration.FromMinutes(2));
            net.AfterStep();
            var view = AccountView.Of(world.Account(actor.Account), world.Policies.Book, world.Now)!;
            if (view.AmountUnpaid.IsZero)
            {
                if (view.Standing.Name != "good") throw new CheckFailedException($"nothing is unpaid, and the account is {view.Standing}");
                return;
            }

            // A payment that is live, or a window that is open, has to end first.
            world.Advance(Duration.FromDays(i < 2 ? 0 : 3) + Duration.FromHours(1));
        }

        throw new CheckFailedException("everything was paid again and again, and something is unpaid");
    }
}

/// <summary>What the net caught, and how to see it again.</summary>
internal sealed record Failure(History History, Mutation Mutation, int At, Exception Caught)
{
    /// <summary>The first line of what was caught.</summary>
    public string What => Caught is CheckFailedException ? Caught.Message : Caught.ToString();

    /// <summary>Leaves steps out as long as it still fails.</summary>
    public Failure Shrink()
    {
        var shortest = this with { History = History with { Steps = [.. History.Steps.Take(At + 1)] } };
        shortest = shortest.History.Live(Mutation) ?? this;
        for (var i = shortest.History.Steps.Count - 1; i >= 0; i--)
        {
            if (i >= shortest.History.Steps.Count) continue;
            var fewer = shortest.History with { Steps = [.. shortest.History.Steps.Where((_, n) => n != i)] };
            if (fewer.Live(Mutation) is { } still) shortest = still;
        }

        return shortest;
    }

    /// <summary>A report for people: how to replay it, the shortest steps, and what happened.</summary>
    public string Explain()
    {
        var shortest = Shrink();
        var lines = new List<string>();
        shortest.History.Live(Mutation, lines.Add);
        return string.Create(CultureInfo.InvariantCulture, $"BILLING_SEED={History.Seed} ({Mutation}): {What}{Environment.NewLine}shortest, {shortest.History.Steps.Count} steps: {shortest.What}{Environment.NewLine}")
            + string.Join(Environment.NewLine, lines.TakeLast(400));
    }
}
