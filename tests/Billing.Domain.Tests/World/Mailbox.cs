namespace Billing.Domain.Tests;

/// <summary>A message on its way from one entity of the world to another.</summary>
internal sealed record Letter(string From, string To, Message Message);

/// <summary>Messages under way: in order for each pair of sender and receiver, in any order between pairs.</summary>
internal sealed class Mailbox(Random? order)
{
    private readonly List<Letter> _letters = [];

    public bool IsEmpty => _letters.Count == 0;

    public void Post(string from, string to, Message message) => _letters.Add(new Letter(from, to, message));

    /// <summary>The oldest letter, or any that is the oldest of its pair.</summary>
    public Letter Take()
    {
        var first = order is null ? [_letters[0]] : _letters.DistinctBy(letter => (letter.From, letter.To)).ToArray();
        var letter = first[order?.Next(first.Length) ?? 0];
        _letters.Remove(letter);
        return letter;
    }
}
