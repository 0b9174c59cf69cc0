using System.Globalization;
using Billing.Grains.Interfaces.Index;

namespace Billing.Api.Mail;

/// <summary>The mails of notices: what was sent, and what was kept instead.</summary>
internal static class MailEndpoints
{
    public static void MapMail(this IEndpointRouteBuilder api) =>
        api.MapGet("/v1/mail", ListAsync)
            .Needs(Scope.Operate).Says("listMail", "The mails of notices", "Newest first, as they were written and sent. In Development without `Billing:Mail:Host`, and for test accounts everywhere, mail is `captured`: kept here, and never sent.")
            .Takes([]).Gives<Page<MailResponse>>();

    private static async Task<IResult> ListAsync(HttpContext http, IMailLog log, string? account, string? limit, string? after)
    {
        var asked = ListQuery.Read(http, "account");
        var before = asked.After is null ? (long?)null : asked.Number();
        if (asked.Refusal is { } refusal) return refusal;
        var page = await log.ListAsync(asked["account"], asked.Limit + 1, before, http.RequestAborted);
        var next = page.Count > asked.Limit ? page[asked.Limit - 1].Seq.ToString(CultureInfo.InvariantCulture) : null;
        return Answer.Ok(new Page<MailResponse>([.. page.Take(asked.Limit).Select(MailResponse.Of)], next));
    }
}

/// <summary>A mail.</summary>
/// <param name="Id">The notice that it carries, for <c>/v1/notices/{notice}/bounced</c> and <c>/attest</c>.</param>
/// <param name="Notice">The notice's name.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="To">For whom it is: the owner's address first, whose acceptance is the proof.</param>
/// <param name="Subject">The subject.</param>
/// <param name="Text">The text.</param>
/// <param name="Html">The same as HTML; <c>null</c> where there is no template for it.</param>
/// <param name="MessageId">Its <c>Message-ID</c>, the same at each try.</param>
/// <param name="CreatedAt">When it was written, in real time.</param>
/// <param name="AcceptedAt">When it was accepted for the owner, in real time; <c>null</c>: not yet, or refused.</param>
/// <param name="Captured">Whether it was kept here instead of being sent.</param>
/// <param name="Code">What the relay said for good.</param>
public sealed record MailResponse(
    string Id, string Notice, string Account, IReadOnlyList<string> To, string Subject, string Text, string? Html, string MessageId, Instant CreatedAt, Instant? AcceptedAt, bool Captured, string? Code)
{
    internal static MailResponse Of(KeptMail mail) => new(
        mail.Id, mail.Notice, mail.Account, mail.Recipients, mail.Subject, mail.Text, mail.Html, mail.MessageId, mail.CreatedAt, mail.AcceptedAt, mail.IsCaptured, mail.Code);
}
