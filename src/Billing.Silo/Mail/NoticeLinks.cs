using System.Security.Cryptography;
using System.Text;
using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Mail.Sending;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace Billing.Silo.Mail;

/// <summary>
/// The pay links of notices. A notice's token is a MAC of its id, so that each try of its mail carries the same link and yet the
/// token is kept nowhere: the account has its hash, the mail its place, and the secret lies outside the database.
/// </summary>
internal sealed class NoticeLinks(string root, string secret, IServiceProvider services, TimeProvider time) : INoticeLinks
{
    private const int TokenBytes = 16;

    private readonly byte[] _secret = Encoding.UTF8.GetBytes(secret);

    /// <inheritdoc />
    public string Place { get; } = root + "/v1/pay/~token~";

    /// <inheritdoc />
    public async Task<bool> MakeAsync(NoticeDelivery delivery)
    {
        var (notice, recipient) = (delivery.Notice, delivery.Recipient);
        // Asked for here and not before: the grains need whoever sends notices, and so this.
        var account = services.GetRequiredService<IGrainFactory>().Account(notice.Account);
        var now = recipient.TestClock is not null && notice.Facts is { } facts ? facts.At : time.GetInstant();
        var make = new MakePayLink("link_" + Ids.Hash("notice", notice.Id), PayLink.HashOf(TokenOf(notice.Id)), Key: null) { Notice = notice.Id };
        return await account.Execute(new Call(make, now)) is Done;
    }

    /// <inheritdoc />
    public string Fill(string text, string notice) => text.Replace(Place, $"{root}/v1/pay/{TokenOf(notice)}", StringComparison.Ordinal);

    private string TokenOf(string notice) => PayLink.TokenOf(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes("pay link of " + notice)).AsSpan(0, TokenBytes));
}
