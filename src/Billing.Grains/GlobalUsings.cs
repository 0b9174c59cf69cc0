global using Billing.Domain;
global using Billing.Grains.Interfaces;
