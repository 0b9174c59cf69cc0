#if EMBEDDED
using System.Text.Json;
using Billing.Grains.Hosting;

namespace Billing.Grains.Tests.Wire;

/// <summary>In one process calls hand over what they carry; what is in an outbox is stored and read again.</summary>
internal static class Carrier
{
    public static object Carry(object value) =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), StoredJson.Default), value.GetType(), StoredJson.Default)!;

    public static object? Answer<T>(T value) => value is null ? null : Carry(value);

    public static Exception Fail(Exception failure) => failure;

    public static object Move<T>(T stored) where T : class => Carry(stored);

    public static T HandOver<T>(T value) => value;
}
#endif
