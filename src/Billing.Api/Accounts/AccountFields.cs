using System.Collections.Immutable;
using System.Globalization;
using System.Net.Mail;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Billing.Api.Accounts;

/// <summary>Reads an account's fields from a request.</summary>
internal static partial class AccountFields
{
    private static readonly string[] Required = ["name", "emails", "currency", "policy"];

    /// <summary>Reads all fields; what is wrong is noted in the body.</summary>
    public static PutAccount Read(Body body, string id, AccountView? known, PolicyBook policies)
    {
        var fields = body.Fields;
        var profile = new AccountProfile
        {
            Id = id,
            Name = fields.Text("name", ApiBounds.NameLength),
            Emails = Texts(fields, "emails", AccountLimits.Emails, ApiBounds.EmailLength, IsEmail, "Must be a mail address such as \"owner@example.com\".", body.Errors),
            Currency = ReadCurrency(fields),
            Policy = ReadPolicy(fields, policies),
            TimeZone = Checked(fields, "time_zone", ApiBounds.NameLength, zone => DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is not null, "Must be an IANA time zone such as \"Europe/Berlin\"."),
            Locale = Checked(fields, "locale", ApiBounds.LocaleLength, LocalePattern().IsMatch, "Must be a BCP 47 locale such as \"de-AT\"."),
            TestClock = fields.Id("test_clock"),
            Test = fields.Flag("test") ?? known is null && fields.Find("test_clock") is not null,
            Tags = Texts(fields, "tags", AccountLimits.Tags, ApiBounds.TagLength, TagPattern().IsMatch, "Must be lower-case letters, digits and underscores, a letter first.", body.Errors),
            TaxRate = ReadTaxRate(fields),
            Metadata = ReadMetadata(fields, body.Errors),
        };
        foreach (var name in Required) fields.Require(name, isNew: known is null);

        return new PutAccount([.. fields.Given], profile);
    }

    private static Currency? ReadCurrency(Fields fields)
    {
        if (fields.Find("currency") is not { } json) return null;
        if (json.ValueKind == JsonValueKind.String && Currency.TryParse(JsonTexts.String(json), out var currency)) return currency;
        fields.Refuse("currency", "Must be an ISO 4217 currency such as \"USD\".");
        return null;
    }

    private static string? ReadPolicy(Fields fields, PolicyBook policies)
    {
        var policy = fields.Id("policy");
        if (policy is not null && !policies.Knows(policy)) fields.Refuse("policy", $"There is no policy '{policy}'.");
        return policy;
    }

    private static decimal? ReadTaxRate(Fields fields)
    {
        var text = Checked(fields, "tax_rate", 8, TaxRatePattern().IsMatch, "Must be a fraction as a text from \"0\" to \"1\" with at most 6 decimals, such as \"0.19\".");
        return text is null ? null : decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
    }

    private static ImmutableSortedDictionary<string, string> ReadMetadata(Fields fields, Errors errors)
    {
        if (fields.Object("metadata") is not { } metadata) return ImmutableSortedDictionary<string, string>.Empty;
        var read = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var names = metadata.Given.ToArray();
        if (names.Length > AccountLimits.Metadata) fields.Refuse("metadata", $"Must have at most {AccountLimits.Metadata} keys.");
        foreach (var name in names)
        {
            if (name.Length is 0 or > ApiBounds.MetadataKeyLength || name.Any(char.IsControl))
            {
                errors.Add(metadata.PathOf(JsonTexts.Shown(name)), $"Its key must have 1 to {ApiBounds.MetadataKeyLength} characters and no control characters.");
                metadata.Find(name);
            }
            else if (metadata.Text(name, ApiBounds.MetadataValueLength, required: true) is { } value)
            {
                read[name] = value;
            }
        }

        return read.ToImmutable();
    }

    private static string? Checked(Fields fields, string name, int most, Predicate<string> isFine, string expected)
    {
        if (fields.Text(name, most) is not { } text) return null;
        if (isFine(text)) return text;
        fields.Refuse(name, expected);
        return null;
    }

    private static ImmutableArray<string> Texts(Fields fields, string name, int most, int length, Predicate<string> isFine, string expected, Errors errors)
    {
        var read = ImmutableArray.CreateBuilder<string>();
        foreach (var (json, path) in fields.Items(name, 0, most))
        {
            if (JsonTexts.Read(json, length, path, errors) is not { } text) continue;
            if (!isFine(text)) errors.Add(path, expected);
            else if (read.Contains(text)) errors.Add(path, "Is given more than once.");
            else read.Add(text);
        }

        return read.ToImmutable();
    }

    /// <summary>Simple syntax: one @, something on both sides, no spaces and no display name.</summary>
    private static bool IsEmail(string text) => EmailPattern().IsMatch(text) && MailAddress.TryCreate(text, out var address) && address.Address == text;

    [GeneratedRegex(@"\A[^\s@<>,;""]+@[^\s@<>,;""]+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex EmailPattern();

    [GeneratedRegex(@"\A[a-z][a-z0-9_]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex TagPattern();

    [GeneratedRegex(@"\A[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex LocalePattern();

    [GeneratedRegex(@"\A(0(\.[0-9]{1,6})?|1(\.0{1,6})?)\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex TaxRatePattern();
}
