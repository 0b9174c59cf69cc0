using System.Globalization;

namespace Billing.Stripe;

/// <summary>The fields of a request, as Stripe reads them; what is <see langword="null"/> is left out.</summary>
internal sealed class StripeForm : List<KeyValuePair<string, string>>
{
    public void Add(string name, string? value)
    {
        if (value is not null) Add(KeyValuePair.Create(name, value));
    }

    public void Add(string name, long value) => Add(name, value.ToString(CultureInfo.InvariantCulture));

    public void Add(string name, bool value) => Add(name, value ? "true" : "false");
}
