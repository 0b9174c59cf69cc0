using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Billing.Api.Hosting;

/// <summary>A page for each problem code: what happened, and what to do.</summary>
internal static class ProblemPages
{
    public static void MapProblemPages(this IEndpointRouteBuilder api) =>
        api.MapGet("/problems/{code}", (string code) => ProblemCatalog.Find(code) is { } kind
            ? Results.Content(Page(kind), "text/html; charset=utf-8")
            : Problem.NoSuch("problem code")).NeedsNoKey().ExcludeFromDescription();

    private static string Page(ProblemKind kind)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
        page.Append(CultureInfo.InvariantCulture, $"<title>{kind.Code}</title><h1>{Html(kind.Title)}</h1><p><code>{kind.Code}</code>, HTTP status {kind.Status}</p>");
        page.Append(CultureInfo.InvariantCulture, $"<h2>What happened</h2><p>{Html(kind.What)}</p><h2>What to do</h2><p>{Html(kind.Do)}</p></html>\n");
        return page.ToString();
    }

    private static string Html(string text) => HtmlEncoder.Default.Encode(text);
}
