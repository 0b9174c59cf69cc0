namespace Billing.Grains.Tests.Sizes;

/// <summary>How long the texts of a state at its bounds are.</summary>
/// <param name="Id">Characters of a caller's id.</param>
/// <param name="Words">Characters of a description, a reason, a value of metadata.</param>
internal sealed record Texts(int Id, int Words)
{
    /// <summary>A UUID for each id, and a sentence where there are words.</summary>
    public static readonly Texts Ordinary = new(36, 60);

    /// <summary>The longest that the API takes.</summary>
    public static readonly Texts Longest = new(128, 500);
}
