using Billing.Grains.Interfaces.Index;
using Billing.Mail.Sending;
using Billing.Mail.Smtp;
using Billing.Mail.Storage;
using Billing.Mail.Templates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Billing.Mail;

/// <summary>Puts mail into a host.</summary>
public static class MailServices
{
    /// <summary>Adds what sends and keeps notices. The options are checked before (<see cref="MailOptions.Problem"/>).</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">The settings.</param>
    /// <param name="serviceId">Whose mails; they are kept in the host's database, where it has one.</param>
    /// <exception cref="TemplateException">A template cannot be read, or lacks its subject.</exception>
    public static void AddBillingMail(this IServiceCollection services, MailOptions options, string serviceId)
    {
        services.AddSingleton(options);
        var templates = TemplateFolder.Read(options.Templates);
        // Who only looks at what mails would be sent need not wait for all of them to be compiled.
        if (options.Sends || options.Templates is not null) new MailWriter(options, templates, NullLogger<MailWriter>.Instance).Check();
        services.AddSingleton(templates);
        services.AddSingleton<MailWriter>();
        services.AddSingleton<IMailRelay, SmtpRelay>();
        services.AddMailLog(serviceId);
        services.TryAddSingleton<INoticeLinks, NoNoticeLinks>();
        services.AddSingleton<INoticeSender, MailNoticeSender>();
        services.AddHostedService<MailCleanUp>();
    }

    /// <summary>Adds what reads the mails that other processes send.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="serviceId">Whose mails.</param>
    public static void AddMailLog(this IServiceCollection services, string serviceId)
    {
        services.AddSingleton<IMailStore>(provider => provider.GetService<NpgsqlDataSource>() is { } database ? new PostgresMailStore(database, serviceId) : new MemoryMailStore());
        services.AddSingleton<IMailLog>(provider => provider.GetRequiredService<IMailStore>());
    }
}
