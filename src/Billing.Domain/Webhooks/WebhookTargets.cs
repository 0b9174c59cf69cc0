using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Billing.Domain;

/// <summary>
/// Where events may be sent. The address of a subscriber comes from outside, and whoever chooses it must not make this
/// service talk to its own network: neither by an address, nor by a name that leads there.
/// </summary>
/// <remarks>
/// Implementation note: of IPv6 only what is global unicast counts as public, and of that not what carries an IPv4 address
/// inside; of IPv4 everything but the blocks of RFC 6890 and its successors (IANA's special-purpose registries, 2025). How an
/// address is written does not matter: what is looked at is the address that is connected to.
/// </remarks>
public static class WebhookTargets
{
    private static readonly (uint Block, int Bits)[] PrivateBlocks =
    [
        (0x00000000, 8), // this network
        (0x0A000000, 8), // private
        (0x64400000, 10), // shared by carriers (CGNAT), some clouds' metadata
        (0x7F000000, 8), // loopback
        (0xA9FE0000, 16), // link-local, most clouds' metadata
        (0xAC100000, 12), // private
        (0xC0000000, 24), // IETF protocol assignments, one cloud's metadata
        (0xC0000200, 24), // documentation
        (0xC0586300, 24), // 6to4 relays
        (0xC0A80000, 16), // private
        (0xC6120000, 15), // benchmarks
        (0xC6336400, 24), // documentation
        (0xCB007100, 24), // documentation
        (0xA83F8110, 32), // 168.63.129.16: a cloud's own services, at an address that looks public
        (0xE0000000, 4), // multicast
        (0xF0000000, 4), // reserved, broadcast
    ];

    /// <summary>Why an address is none that can be called; <see langword="null"/> where it can.</summary>
    /// <param name="url">The address, as it was given.</param>
    /// <param name="allowPrivate">Whether this installation may call its own network, and without TLS.</param>
    public static string? WhatIsWrong(string url, bool allowPrivate)
    {
        if (url.Length > WebhookLimits.UrlLength) return $"Has more than {WebhookLimits.UrlLength} characters.";
        if (url.Any(c => c is <= ' ' or > '~' or '\\') || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0) return "Must be an absolute URL in ASCII, such as \"https://example.com/hooks\".";
        if (uri.Scheme != Uri.UriSchemeHttps && !(allowPrivate && uri.Scheme == Uri.UriSchemeHttp)) return "Must begin with https.";
        if (uri.UserInfo.Length > 0) return "Must hold no user and no password: the signature says who calls.";
        if (uri.Fragment.Length > 0) return "Must hold no fragment: it would not be sent.";
        return !allowPrivate && IPAddress.TryParse(uri.DnsSafeHost, out var address) && !IsPublic(address) ? NotPublic : null;
    }

    /// <summary>What is said of a private target. It does not say what is there.</summary>
    public const string NotPublic = "Must lead to a public address: this installation does not call its own network.";

    /// <summary>Whether an address is one of the public internet.</summary>
    public static bool IsPublic(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => IsPublicV4(address.GetAddressBytes()),
        AddressFamily.InterNetworkV6 => IsPublicV6(address.GetAddressBytes()),
        _ => false,
    };

    private static bool IsPublicV4(ReadOnlySpan<byte> bytes)
    {
        var address = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        foreach (var (block, bits) in PrivateBlocks)
        {
            if (address >> (32 - bits) == block >> (32 - bits)) return false;
        }

        return true;
    }

    private static bool IsPublicV6(ReadOnlySpan<byte> bytes)
    {
        // ::ffff:a.b.c.d (mapped) and 64:ff9b::a.b.c.d (NAT64) are that IPv4 address and reach what it reaches.
        if (bytes[..10].IndexOfAnyExcept((byte)0) < 0 && bytes[10] == 0xFF && bytes[11] == 0xFF) return IsPublicV4(bytes[12..]);
        if (bytes[..12].SequenceEqual<byte>([0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0])) return IsPublicV4(bytes[12..]);
        if ((bytes[0] & 0xE0) != 0x20) return false; // all but 2000::/3: unspecified, loopback, local, multicast, reserved
        var first = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        var second = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return (first, second) switch
        {
            (0x2001, < 0x0200) => false, // IETF protocol assignments, Teredo among them
            (0x2001, 0x0DB8) => false, // documentation
            (0x2002, _) => false, // 6to4
            (0x3FFF, < 0x1000) => false, // documentation
            _ => true,
        };
    }
}
