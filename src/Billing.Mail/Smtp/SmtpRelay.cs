using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Billing.Mail.Messages;

namespace Billing.Mail.Smtp;

/// <summary>Gives mails to a relay: one conversation each, over a connection of its own.</summary>
/// <remarks>
/// Implementation note: why this is not <c>System.Net.Mail.SmtpClient</c> is in <c>docs/decisions/own-smtp.md</c>. The proof is
/// the answer to the end of the data (RFC 5321, 4.2.5): from then on the relay is responsible. Whatever happens after it,
/// a connection that drops included, changes nothing; whatever happens before it leaves the mail with us.
/// </remarks>
internal sealed class SmtpRelay(MailOptions options, TimeProvider time, X509Certificate2Collection? authorities = null) : IMailRelay
{
    private static readonly TimeSpan GoodByeWithin = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    public async Task<RelayAnswer> SendAsync(string from, IReadOnlyList<string> recipients, string content, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await ConnectAsync(client, cancellationToken);
            await using var channel = new SmtpChannel(client.GetStream(), options.Timeout, time);
            await OpenAsync(channel, client.Client.LocalEndPoint, cancellationToken);
            var answer = await TransferAsync(channel, from, recipients, content, cancellationToken);
            await LeaveAsync(channel);
            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RelayException("The relay did not answer in time.");
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            throw new RelayException("The relay could not be reached, or the connection was lost.");
        }
        catch (AuthenticationException)
        {
            throw new RelayException("The relay's certificate is not good for its name.");
        }
    }

    private async Task ConnectAsync(TcpClient client, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(options.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        await client.ConnectAsync(options.Host!, options.EffectivePort, linked.Token);
    }

    private async Task OpenAsync(SmtpChannel channel, EndPoint? local, CancellationToken cancellationToken)
    {
        if (options.Tls == MailTls.Implicit) await channel.ProtectAsync(options.Host!, authorities, cancellationToken);
        Require(await channel.HearAsync(cancellationToken), "greeting");
        var offers = await GreetAsync(channel, local, cancellationToken);
        if (options.Tls == MailTls.StartTls)
        {
            // Never on without it: whoever stands between could have taken the offer away.
            if (!offers.Lines.Any(line => line.Equals("STARTTLS", StringComparison.OrdinalIgnoreCase))) throw new RelayException("The relay does not offer STARTTLS.");
            Require(await channel.AskAsync("STARTTLS", cancellationToken), "STARTTLS");
            await channel.ProtectAsync(options.Host!, authorities, cancellationToken);
            offers = await GreetAsync(channel, local, cancellationToken);
        }

        if (!string.IsNullOrEmpty(options.User)) await LogInAsync(channel, offers, cancellationToken);
    }

    private static async Task<SmtpReply> GreetAsync(SmtpChannel channel, EndPoint? local, CancellationToken cancellationToken)
    {
        var address = (local as IPEndPoint)?.Address ?? IPAddress.Loopback;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var name = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{new IPAddress(address.GetAddressBytes())}]" : $"[{address}]";
        return Require(await channel.AskAsync("EHLO " + name, cancellationToken), "EHLO");
    }

    private async Task LogInAsync(SmtpChannel channel, SmtpReply offers, CancellationToken cancellationToken)
    {
        var ways = offers.Lines.Where(line => line.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase)).SelectMany(line => line.Split(' ').Skip(1)).ToArray();
        if (ways.Contains("PLAIN", StringComparer.OrdinalIgnoreCase))
        {
            Require(await channel.AskAsync("AUTH PLAIN " + Base64($"\0{options.User}\0{options.Password}"), cancellationToken), "login");
            return;
        }

        if (!ways.Contains("LOGIN", StringComparer.OrdinalIgnoreCase)) throw new RelayException("The relay offers no login that is known here: PLAIN, LOGIN.");
        Require(await channel.AskAsync("AUTH LOGIN", cancellationToken), "login");
        Require(await channel.AskAsync(Base64(options.User!), cancellationToken), "login");
        Require(await channel.AskAsync(Base64(options.Password!), cancellationToken), "login");
    }

    /// <summary>The first recipient is the owner: its acceptance is what counts. Of the others, who is refused gets no copy.</summary>
    private static async Task<RelayAnswer> TransferAsync(SmtpChannel channel, string from, IReadOnlyList<string> recipients, string content, CancellationToken cancellationToken)
    {
        Require(await channel.AskAsync($"MAIL FROM:<{from}>", cancellationToken), "sender");
        var owner = await channel.AskAsync($"RCPT TO:<{recipients[0]}>", cancellationToken);
        // Not now: no copy goes out either, or it would go out again with the next try.
        if (!owner.IsPositive && !owner.IsRefusalOf(content: false)) throw new RelayException($"The relay did not take the recipient ({owner.Short}).");

        var copies = 0;
        foreach (var recipient in recipients.Skip(1))
        {
            if ((await channel.AskAsync($"RCPT TO:<{recipient}>", cancellationToken)).IsPositive) copies++;
        }

        if (owner.IsPositive) return await DeliverAsync(channel, content, cancellationToken);
        if (copies > 0) await TryDeliverAsync(channel, content, cancellationToken);
        return new RelayAnswer(IsAccepted: false, owner.Short);
    }

    private static async Task<RelayAnswer> DeliverAsync(SmtpChannel channel, string content, CancellationToken cancellationToken)
    {
        var ready = await channel.AskAsync("DATA", cancellationToken);
        var answer = ready.Code == 354 ? await channel.SendContentAsync(content, cancellationToken) : ready;
        if (answer.Code is >= 200 and < 300) return new RelayAnswer(IsAccepted: true, answer.Short);
        return answer.IsRefusalOf(content: true) ? new RelayAnswer(IsAccepted: false, answer.Short) : throw new RelayException($"The relay did not take the mail ({answer.Short}).");
    }

    /// <summary>The owner's address is refused, whatever becomes of the copies.</summary>
    private static async Task TryDeliverAsync(SmtpChannel channel, string content, CancellationToken cancellationToken)
    {
        try
        {
            await DeliverAsync(channel, content, cancellationToken);
        }
        catch (Exception failure) when (failure is RelayException or IOException or SocketException)
        {
            // Copies do not matter.
        }
    }

    private static async Task LeaveAsync(SmtpChannel channel)
    {
        try
        {
            using var within = new CancellationTokenSource(GoodByeWithin);
            await channel.AskAsync("QUIT", within.Token);
        }
        catch (Exception failure) when (failure is RelayException or IOException or SocketException or OperationCanceledException)
        {
            // It has answered; how it leaves is its own affair.
        }
    }

    private static SmtpReply Require(SmtpReply reply, string what) => reply.IsPositive ? reply : throw new RelayException($"The relay refused the {what} ({reply.Short}).");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}

/// <summary>Whoever takes mails on their way.</summary>
public interface IMailRelay
{
    /// <summary>Gives a mail away.</summary>
    /// <param name="from">The sender's address.</param>
    /// <param name="recipients">The owner's address first; the others get copies.</param>
    /// <param name="content">The mail as it travels.</param>
    /// <param name="cancellationToken">Gives up; the mail may have been taken.</param>
    /// <exception cref="RelayException">It was not taken this time, or nobody knows.</exception>
    Task<RelayAnswer> SendAsync(string from, IReadOnlyList<string> recipients, string content, CancellationToken cancellationToken);
}

/// <summary>What a relay says about the owner's address, for good.</summary>
/// <param name="IsAccepted">Whether it has taken the mail for it.</param>
/// <param name="Code">Its codes.</param>
public sealed record RelayAnswer(bool IsAccepted, string Code);
