namespace Billing.Api.Hosting;

/// <summary>Tells an account something and shows what came of it: the way of every command that the account decides in one write.</summary>
internal sealed class AccountCommands(IGrainFactory grains, AccountClocks clocks)
{
    /// <summary>Sends a command once the request is in order, the account exists, and its clock stands still.</summary>
    /// <param name="http">The request, which says who makes it.</param>
    /// <param name="account">The account's id.</param>
    /// <param name="found">The account as it was read before, so that fields can be checked against it.</param>
    /// <param name="body">The request; <see langword="null"/> for a call without a body.</param>
    /// <param name="command">What the account is told.</param>
    /// <param name="show">The answer, from the account as it stands then; the flag says that the effect is an earlier call's, which counts for a call with a key.</param>
    public async Task<IResult> SendAsync(
        HttpContext http, string account, (AccountView View, Now Now)? found, Body? body, Func<AccountView, Message> command, Func<AccountView, bool, IResult> show)
    {
        if (body?.Refusal() is { } refusal) return refusal;
        if (found is not { } known) return Problem.NoSuch("account");
        if (known.Now.Refusal() is { } busy) return busy;
        var reply = await grains.Account(account).Execute(http.Call(command(known.View), known.Now.At));
        if (reply is not Done done) return Problem.Of((Refused)reply);
        return await clocks.ReadAsync(account) is { } after ? show(after.View, done.Replayed) : Problem.NoSuch("account");
    }
}
