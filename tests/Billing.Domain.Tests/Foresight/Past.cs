using System.Globalization;
using NodaTime;

namespace Billing.Domain.Tests.Foresight;

/// <summary>Random pasts of an account all of whose methods decline.</summary>
internal static class Past
{
    private static readonly string[] Documents =
    [
        """
        {"cycle": {"interval": "30d"}, "collection": {"retry_after": ["1d", "2d", "5d"], "methods": "default_then_others", "minimum": {"USD": 100}, "notices": {"attempt_failed": "declined", "recovered": "thanks"}},
         "invoice": {"balance_invoice": true}, "standings": [
          {"name": "a", "when": {"collection_failed": true}, "deny": ["purchase"], "message": "Pay.", "on_enter": ["notice:a"]},
          {"name": "b", "when": {"any": [{"retries_exhausted": true}, {"unpaid_invoices": 3}]}, "deny": ["purchase"], "message": "Pay.", "on_enter": ["power_down"]},
          {"name": "c", "when": {"in_standing": {"b": "9d"}}, "deny": ["purchase"], "message": "Pay.", "on_enter": ["delete_resources", "notice:c"],
           "requires_notice": [{"notice": "warning", "at": "-3d", "at_least": "48h"}]}]}
        """,
        """
        {"cycle": {"interval": "30d", "while_unpaid": "skip"}, "collection": {"due_after": "7d"}, "invoice": {"cancel_after": "0d", "cancel_cancels_subscription": true},
         "recovery": {"subscription_period": "restart_at_payment"}, "standings": [{"name": "a", "when": {"collection_failed": true}, "deny": [], "message": "Pay."}]}
        """,
        """
        {"cycle": {"calendar": "month", "day": 1, "time_zone": "UTC"}, "collection": {"charge": "at_due", "due_after": "3d", "retry_after": ["6h", "12h"], "notices": {"before_due": {"notice": "soon", "before": "1d"}}},
         "standings": [
          {"name": "a", "when": {"unpaid_for": "2d"}, "deny": ["purchase"], "message": "Pay."},
          {"name": "b", "when": {"unpaid_balance": {"USD": 900}, "retries_exhausted": true}, "deny": ["purchase"], "message": "Pay.", "on_enter": ["power_down"]},
          {"name": "c", "when": {"unpaid_for": "40d", "not": {"tagged": "vip"}}, "deny": ["purchase", "resource.create"], "message": "Pay."}]}
        """,
        """
        {"cycle": {"interval": "20d"}, "collection": {"retry_after": ["3d"]}, "invoice": {"cancel_after": "10d"}, "recovery": {"resources": "automatic"}, "standings": [
          {"name": "a", "when": {"collection_failed": true}, "deny": ["purchase"], "message": "Pay.", "on_enter": ["power_down", "notice:a"]},
          {"name": "b", "when": {"in_standing": {"a": "6d"}}, "deny": ["purchase"], "message": "Pay."}]}
        """,
    ];

    private static readonly string[] Scripts = ["decline:insufficient_funds", "decline:do_not_honor", "decline:stolen_card"];

    public static World Of(IReadOnlyList<int> history, int seed)
    {
        var world = World.With(Documents[seed % Documents.Length], clock: seed % 3 == 0 ? null : Some.Clock).Method("m0", Scripts[0]);
        var made = 0;
        foreach (var step in history.Take(25))
        {
            Live(world, step, ref made);
            // Two invoices attempted at one instant share money on hand in an order that no forecast needs to know.
            world.AdvanceTo(world.Now + Duration.FromMinutes(1));
        }

        world.AdvanceTo(world.Now + Duration.FromMinutes(seed % 5_000));
        // Nobody can foretell that a card will be reported stolen: what is ahead fails, and no more.
        foreach (var method in world.Account().Methods) world.Gateway.Script(method.Token, Scripts[0]);
        return world;
    }

    private static void Live(World world, int step, ref int made)
    {
        var (kind, argument) = (step % 16, step / 16);
        var invoice = Name("I", argument % Math.Max(1, made));
        Message? command = kind switch
        {
            2 => new PutSubscription(Name("S", argument % 2), "plan", Some.Dollars(50 + argument % 700), null),
            3 => new AddCharge(Name("C", made++), "extra", Some.Dollars(1 + argument % 300), world.NextKey()),
            4 => new PutResource(Name("R", argument % 3), "vm", ResourceState.Running, argument % 3 == 0 ? [] : [Name("R", 0)]),
            5 => new GrantCredit(Name("G", made++), CreditKind.Promo, Some.Dollars(1 + argument % 400), world.Now + Duration.FromDays(1 + argument % 60), world.NextKey()),
            6 => new GrantCredit(Name("G", made++), CreditKind.Prepayment, Some.Dollars(1 + argument % 400), null, world.NextKey()),
            7 => new PutControls(EnforcementOff: argument % 5 == 0, AutoPayOff: argument % 3 == 0),
            8 => new Extend(world.Now + Duration.FromDays(1 + argument % 30), "agreed", world.NextKey()),
            9 => argument % 2 == 0 ? new PutHold(HoldCategory.Legal, ["purchase"], "court") : new ReleaseHold(HoldCategory.Legal),
            10 => argument % 2 == 0 ? new WriteOff(invoice, world.NextKey()) : new UndoWriteOff(invoice, world.NextKey()),
            11 => new PutAccount(["tags"], new AccountProfile { Id = Some.Account, Tags = argument % 2 == 0 ? ["vip"] : [] }),
            12 => new CancelSubscription(Name("S", argument % 2), VoidOpen: argument % 3 == 0, world.NextKey()),
            _ => null,
        };
        if (command is not null) world.TellAccount(command);
        else if (kind is 0 or 1) world.Issue(Name("I", made++), 1 + argument % 700, argument % 3 == 0 ? Collection.Manual : Collection.Automatic, argument % 4 == 0 ? world.Now + Duration.FromMinutes(argument % 20_000) : null);
        else if (kind == 13) world.PutMethod(Name("m", argument % 3), [Scripts[argument % Scripts.Length]], argument % 2 == 0);
        else if (kind == 14) world.PayWith("ok", invoice);
        else world.AdvanceTo(world.Now + Duration.FromMinutes(argument % 20_000));
    }

    private static string Name(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{number}");
}
