using Billing.Mail;
using Billing.Mail.Templates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Billing.Silo;

/// <summary>Puts mail into a host: a process with grains sends it, any other only reads what was sent.</summary>
internal static class MailHosting
{
    /// <summary>Adds mail.</summary>
    /// <exception cref="StartRefusedException">The settings or the templates cannot be used, or are missing outside of Development.</exception>
    public static void AddMail(this WebApplicationBuilder builder, BillingRole role, string serviceId)
    {
        if (!role.HasGrains())
        {
            builder.Services.AddMailLog(serviceId);
            return;
        }

        try
        {
            builder.Services.AddBillingMail(ReadOptions(builder), serviceId);
        }
        catch (TemplateException wrong)
        {
            throw new StartRefusedException(wrong.Message, wrong);
        }
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
