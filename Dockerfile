# Two images of one build for the cluster: `silo` and `api`. PostgreSQL is elsewhere: set ConnectionStrings__Billing.
# The Orleans packages come from the feeds of NuGet's configuration: a NuGet.Config beside this file is used, if there is one.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG ENGINE=Orleans
# What GET /v1/cluster and the telemetry show.
ARG VERSION=1.0.0
WORKDIR /source
COPY . .
RUN dotnet restore src/Billing.Api -p:Engine=$ENGINE \
 && dotnet publish src/Billing.Silo -c Release --no-restore -p:Engine=$ENGINE -p:Version=$VERSION -o /silo \
 && dotnet publish src/Billing.Api -c Release --no-restore -p:Engine=$ENGINE -p:Version=$VERSION -o /api

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS base
WORKDIR /app
# The generated admin key, if any, goes to a folder that a read-only root does not forbid. No diagnostics port: it needs a writable root.
ENV ASPNETCORE_HTTP_PORTS=8080 Billing__DataFolder=/tmp/billing DOTNET_EnableDiagnostics=0 DOTNET_gcServer=1
EXPOSE 8080
USER $APP_UID

FROM base AS silo
COPY --from=build /silo .
EXPOSE 11111 30000
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=6 CMD ["dotnet", "Billing.Silo.dll", "--health"]
ENTRYPOINT ["dotnet", "Billing.Silo.dll"]

FROM base AS api
COPY --from=build /api .
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=6 CMD ["dotnet", "Billing.Api.dll", "--health"]
ENTRYPOINT ["dotnet", "Billing.Api.dll"]
