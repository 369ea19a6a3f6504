using System;
using System.Collections.Generic;

namespace Kanade.Native;

/// <summary>Whether Defender protects the PC, by what it writes into the registry: WMI says it too, and may take minutes to.</summary>
public static class Defender
{
    private const string Key = @"SOFTWARE\Microsoft\Windows Defender";
    private const string Policy = @"SOFTWARE\Policies\Microsoft\Windows Defender";
    private const string RealTime = @"\Real-Time Protection";

    /// <summary>Null where there is no Defender. What of it is not known is left out.</summary>
    public static Dictionary<string, object>? State(Func<string, bool> has, Func<string, string, object?> value, Func<bool> runs, DateTime now)
    {
        if (!has(Key)) return null;
        var state = new Dictionary<string, object>();
        var tamper = IsTamperProtected(value(Key + @"\Features", "TamperProtection"));
        state["real_time_protection"] = runs() && !IsOff(value, tamper);
        if (tamper is { } on) state["tamper_protected"] = on;
        if (SignaturesOf(value) is { } made) state["signature_age_days"] = AgeInDays(made, now);
        return state;
    }

    private static bool IsOff(Func<string, string, object?> value, bool? tamper)
    {
        // Beside the antivirus of somebody else it is passive or disabled.
        if (IsSet(value(Key, "PassiveMode")) || IsSet(value(Key, "DisableAntiVirus")) || IsSet(value(Key, "DisableAntiSpyware"))) return true;
        if (IsSet(value(Key + RealTime, "DisableRealtimeMonitoring"))) return true;
        // Against a policy it protects itself, where it is told to protect itself.
        return tamper != true && IsSet(value(Policy + RealTime, "DisableRealtimeMonitoring"));
    }

    private static bool IsSet(object? value) => value is int number && number != 0;

    private static bool? IsTamperProtected(object? value) => value switch
    {
        1 or 5 => true,
        0 or 4 => false,
        _ => null,
    };

    /// <summary>When the signatures were made, or else when they came.</summary>
    private static DateTime? SignaturesOf(Func<string, string, object?> value)
    {
        const string Updates = Key + @"\Signature Updates";
        return Instant(value(Updates, "AVSignatureApplied")) ?? Instant(value(Updates, "SignaturesLastUpdated"));
    }

    /// <summary>A FILETIME as the registry has it, eight bytes; null for one that was never set or cannot be.</summary>
    private static DateTime? Instant(object? value)
    {
        if (value is not byte[] { Length: 8 } bytes) return null;
        ulong ticks = 0;
        for (var i = 7; i >= 0; i--) ticks = (ticks << 8) | bytes[i];
        var last = (ulong)(DateTime.MaxValue.Ticks - DateTime.FromFileTimeUtc(0).Ticks);
        return ticks == 0 || ticks > last ? null : DateTime.FromFileTimeUtc((long)ticks);
    }

    /// <summary>A clock that was wrong makes nothing younger than it can be.</summary>
    private static int AgeInDays(DateTime made, DateTime now) => Math.Max(0, (int)(now - made).TotalDays);
}
