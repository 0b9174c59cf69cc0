using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>Makes accounts and changes who they are.</summary>
internal static class Profiles
{
    /// <summary>A field left out is unchanged, one given as <c>null</c> is cleared.</summary>
    public static Reply Put(AccountDraft draft, PutAccount command)
    {
        var before = draft.State.Profile;
        var after = Merge(before ?? new AccountProfile(), command);
        var errors = Check(draft, before, after);
        if (!errors.IsEmpty) return new Refused(Problems.InvalidRequest, "Some fields are not acceptable.", errors);
        if (before is not null && Same(before, after)) return new Done(after.Id, draft.State.Version, Replayed: true);

        var zero = Money.Zero(after.Currency!.Value);
        draft.State = draft.State with
        {
            Profile = after,
            Totals = IsUntouched(draft.State) ? new MoneyTotals(zero, zero) : draft.State.Totals,
            Standing = draft.State.Standing ?? new StandingRecord { Name = StandingRecord.Good, Since = draft.Now, AsOf = draft.Now },
        };
        draft.Record("account.updated", new JsonObject { ["fields"] = new JsonArray([.. command.Given.Select(field => (JsonNode)field)]) });
        if (before is not null && !string.Equals(before.Emails[0], after.Emails[0], StringComparison.Ordinal)) Notices.OwnerMoved(draft);
        return new Done(after.Id, draft.NextVersion);
    }

    private static AccountProfile Merge(AccountProfile before, PutAccount command)
    {
        var fields = command.Fields;
        bool Given(string field) => command.Given.Contains(field, StringComparer.Ordinal);
        return before with
        {
            Id = fields.Id,
            Name = Given("name") ? fields.Name : before.Name,
            Emails = Given("emails") ? fields.Emails : before.Emails,
            Currency = Given("currency") ? fields.Currency : before.Currency,
            Policy = Given("policy") ? fields.Policy : before.Policy,
            TimeZone = Given("time_zone") ? fields.TimeZone : before.TimeZone,
            Locale = Given("locale") ? fields.Locale : before.Locale,
            TestClock = Given("test_clock") ? fields.TestClock : before.TestClock,
            Test = Given("test") ? fields.Test : before.Test || Given("test_clock") && fields.TestClock is not null,
            Tags = Given("tags") ? fields.Tags : before.Tags,
            TaxRate = Given("tax_rate") ? fields.TaxRate : before.TaxRate,
            Metadata = Given("metadata") ? fields.Metadata : before.Metadata,
        };
    }

    private static ImmutableArray<FieldError> Check(AccountDraft draft, AccountProfile? before, AccountProfile after)
    {
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        void Require(bool isFine, string path, string message)
        {
            if (!isFine) errors.Add(new FieldError(path, message));
        }

        Require(!string.IsNullOrWhiteSpace(after.Name), "name", "A name is required.");
        Require(!after.Emails.IsEmpty, "emails", "At least one mail address is required; the first is the owner's.");
        Require(after.Emails.Length <= AccountLimits.Emails, "emails", $"At most {AccountLimits.Emails} mail addresses.");
        Require(after.Tags.Length <= AccountLimits.Tags, "tags", $"At most {AccountLimits.Tags} tags.");
        Require(after.Metadata.Count <= AccountLimits.Metadata, "metadata", $"At most {AccountLimits.Metadata} keys.");
        Require(after.Currency is not null, "currency", "A currency is required.");
        Require(draft.Policies.Knows(after.Policy), "policy", after.Policy is null ? "A policy is required." : $"There is no policy '{after.Policy}'.");
        Require(NamesAmountsFor(after, draft.Policies), "policy", $"Policy '{after.Policy}' names no unpaid_balance in {after.Currency}.");
        Require(after.TaxRate is null or (>= 0m and <= 1m), "tax_rate", "A fraction from \"0\" to \"1\".");
        Require(after.Test || after.TestClock is null, "test", "An account on a test clock is a test account.");
        if (before is null) return errors.ToImmutable();

        Require(after.Currency == before.Currency || IsUntouched(draft.State), "currency", "The currency is fixed once anything is owed or credited.");
        Require(string.Equals(after.TestClock, before.TestClock, StringComparison.Ordinal), "test_clock", "A test clock is given when the account is made, for life.");
        Require(after.Test == before.Test, "test", "An account is live or test for life.");
        return errors.ToImmutable();
    }

    /// <summary>Whether a policy asks for an unpaid balance and names no amount in a currency.</summary>
    public static bool LacksAmountFor(Currency currency, Policy policy) =>
        policy.Standings.SelectMany(rule => rule.When.Leaves()).OfType<Condition.UnpaidBalance>().Any(leaf => !leaf.MinorUnits.ContainsKey(currency.Code));

    private static bool NamesAmountsFor(AccountProfile profile, PolicyBook policies) =>
        profile.Currency is not { } currency || !policies.Knows(profile.Policy) || !LacksAmountFor(currency, policies[policies.InForce(profile.Policy!)]);

    private static bool IsUntouched(AccountState account) =>
        account.InvoicesNumbered == 0 && account.Subscriptions.IsEmpty && account.Charges.IsEmpty && account.Totals is null or { Captured.IsZero: true, Granted: null };

    private static bool Same(AccountProfile left, AccountProfile right) =>
        left with { Emails = [], Tags = [], Metadata = right.Metadata } == right with { Emails = [], Tags = [] }
        && left.Emails.SequenceEqual(right.Emails, StringComparer.Ordinal) && left.Tags.SequenceEqual(right.Tags, StringComparer.Ordinal) && left.Metadata.SequenceEqual(right.Metadata);
}
