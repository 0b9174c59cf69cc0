# One process on the embedded engine. PostgreSQL is elsewhere: set ConnectionStrings__Billing.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/Billing.Api -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
USER $APP_UID
ENV ASPNETCORE_URLS=http://+:8080 Billing__DataFolder=/tmp/billing
EXPOSE 8080
ENTRYPOINT ["dotnet", "Billing.Api.dll"]
