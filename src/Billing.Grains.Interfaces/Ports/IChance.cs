namespace Billing.Grains.Interfaces;

/// <summary>The one source of chance, so that a test can do without.</summary>
public interface IChance
{
    /// <summary>A whole number from 0 to below <paramref name="limit"/>, each as likely.</summary>
    int Below(int limit);
}
