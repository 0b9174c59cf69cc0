global using Billing.Domain;
