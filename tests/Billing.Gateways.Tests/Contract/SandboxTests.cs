using Billing.Sandbox;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace Billing.Gateways.Tests.Contract;

/// <summary>The sandbox, which moves money when it makes a charge.</summary>
public sealed class SandboxTests : GatewayContract
{
    private ServiceProvider _services = null!;
    private int _tokens;

    protected override IPaymentGateway Gateway => _services.GetRequiredService<SandboxGateway>();

    protected override Instant Now { get; } = Instant.FromUtc(2026, 11, 1, 0, 0);

    protected override bool IsTest => true;

    public override Task InitializeAsync()
    {
        _services = new ServiceCollection().AddLogging().AddSandboxGateway(options => options.WebhookSecret = "a secret of the sandbox's webhook").BuildServiceProvider();
        return Task.CompletedTask;
    }

    public override Task DisposeAsync() => _services.DisposeAsync().AsTask();

    protected override async Task<string> TokenAsync(string outcome)
    {
        var token = $"tok-{++_tokens}";
        Assert.Null((await _services.GetRequiredService<SandboxService>().PutMethodAsync(token, [outcome])).Refusal);
        return token;
    }

    protected override async Task AnswerChallengeAsync(string charge) => Assert.Null((await _services.GetRequiredService<SandboxService>().SettleAsync(charge, "ok", Now)).Refusal);
}
