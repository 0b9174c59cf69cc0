using System.Net;
using System.Text.Json.Nodes;

namespace Billing.Testing.Http;

/// <summary>
/// The patience of a caller on a busy cluster: what was not available just now is asked for again, with the same key. What a
/// gateway could not do is an answer, and names its payment.
/// </summary>
public sealed class PatientHandler() : DelegatingHandler(new SocketsHttpHandler())
{
    /// <inheritdoc />
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Eventually.GetAsync($"{request.Method} {request.RequestUri}", async () =>
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (!await SaysNothingAsync(response, cancellationToken)) return response;
        response.Dispose();
        return null;
    });

    private static async Task<bool> SaysNothingAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.ServiceUnavailable) return false;
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!;
        return problem["payment"] is null;
    }
}
