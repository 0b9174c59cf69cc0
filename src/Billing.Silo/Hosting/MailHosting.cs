using Billing.Mail;
using Billing.Mail.Sending;
using Billing.Mail.Templates;
using Billing.Silo.Mail;
using Billing.Silo.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Billing.Silo;

/// <summary>Puts mail into a host: a process with grains sends it, any other only reads what was sent.</summary>
internal static class MailHosting
{
    private const string LinkSecretFile = "mail-link-secret";

    /// <summary>Adds mail.</summary>
    /// <exception cref="StartRefusedException">The settings or the templates cannot be used, or are missing outside of Development.</exception>
    public static void AddMail(this WebApplicationBuilder builder, BillingRole role, PostgresOptions postgres)
    {
        if (!role.HasGrains())
        {
            builder.Services.AddMailLog(postgres.ServiceId);
            return;
        }

        try
        {
            var options = ReadOptions(builder);
            AddLinks(builder, options, postgres);
            builder.Services.AddBillingMail(options, postgres.ServiceId);
        }
        catch (TemplateException wrong)
        {
            throw new StartRefusedException(wrong.Message, wrong);
        }
    }

    /// <summary>Mails carry pay links where customers can follow them and the operator names no page of his own; on a cluster every silo has to make the same ones.</summary>
    private static void AddLinks(WebApplicationBuilder builder, MailOptions mail, PostgresOptions postgres)
    {
        var root = PublicAddress.Read(builder.Configuration, builder.Environment);
        var given = mail.LinkSecret is { Length: > 0 } configured ? configured : null;
        if (root is null || mail.PayUrl is { Length: > 0 } || given is null && !EngineHosting.IsOneProcess) return;
        var secret = given ?? KeptSecret.Load(postgres.DataFolder, LinkSecretFile).Secret;
        builder.Services.AddSingleton<INoticeLinks>(provider => new NoticeLinks(root, secret, provider, provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Only in Development may notices be kept instead of sent.</summary>
    private static MailOptions ReadOptions(WebApplicationBuilder builder)
    {
        MailOptions mail;
        try
        {
            mail = builder.Configuration.GetSection("Billing:Mail").Get<MailOptions>() ?? new MailOptions();
        }
        catch (InvalidOperationException wrong)
        {
            throw new StartRefusedException("A value of Billing:Mail cannot be read: Tls is StartTls, Implicit or None; Port and MaxInFlight are numbers; Timeout and KeepFor are durations such as 00:01:00.", wrong);
        }

        return mail.Problem(mayKeep: builder.Environment.IsDevelopment()) is { } problem ? throw new StartRefusedException(problem) : mail;
    }
}
