using System.Collections;
using System.Collections.Immutable;
using System.Reflection;

namespace Billing.Domain.Tests;

/// <summary>A state of which nothing is stored is the empty one: no list is missing, and the rules take it.</summary>
public sealed class EmptyStateTests
{
    public static TheoryData<Type> States() => [typeof(AccountState), typeof(InvoiceState), typeof(PaymentState), typeof(PolicyState), typeof(TestClockState), typeof(CeilingState), typeof(BrakeState), typeof(PullState), typeof(WebhookState), typeof(AccountProfile)];

    [Theory]
    [MemberData(nameof(States))]
    public void New_EveryList_IsEmptyAndNotMissing(Type state)
    {
        var empty = Activator.CreateInstance(state);
        var lists = state.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => typeof(IEnumerable).IsAssignableFrom(property.PropertyType) && property.PropertyType != typeof(string));

        Assert.All(lists, list => Assert.Empty((IEnumerable)list.GetValue(empty)!));
    }

    [Fact]
    public void Set_AMissingList_ReadsAsEmpty()
    {
        Assert.Empty(new AccountState { Invoices = default }.Invoices);
        Assert.Empty(new InvoiceState { Ladder = default }.Ladder);
        Assert.Empty(new PaymentState { Attempts = default }.Attempts);
        Assert.Empty(new PolicyState { Versions = default }.Versions);
        Assert.Equal(ImmutableSortedDictionary<string, string>.Empty, new AccountProfile { Metadata = null! }.Metadata);
    }

    [Fact]
    public void Decide_ForNothingStored_SaysThatThereIsNothing()
    {
        Assert.Equal(Problems.NotFound, Assert.IsType<Refused>(AccountRules.Decide(new AccountState(), new Wake(), Days.Start, PolicyBook.Empty).Reply).Code);
        Assert.Equal(Problems.NotFound, Assert.IsType<Refused>(PaymentRules.Decide(new PaymentState(), new Wake(), Days.Start, "p").Reply).Code);
        Assert.Empty(InvoiceRules.Decide(new InvoiceState(), new Wake(), Days.Start, "i").Messages);
        Assert.Null(AccountRules.Due(new AccountState(), PolicyBook.Empty));
        Assert.Null(InvoiceRules.Due(new InvoiceState()));
        Assert.Null(PaymentRules.Due(new PaymentState()));
        Assert.Empty(Invariants.Broken(new AccountState()));
    }
}
