using Microsoft.Win32;

namespace Kanade.Native;

/// <summary>The registry of the PC as 64-bit programs see it.</summary>
internal static class LocalMachine
{
    public static bool Has(string key)
    {
        using var root = Root();
        using var found = root.OpenSubKey(key);
        return found != null;
    }

    /// <summary>Null where there is no such key or value.</summary>
    public static object? Value(string key, string name)
    {
        using var root = Root();
        using var found = root.OpenSubKey(key);
        return found?.GetValue(name, null, RegistryValueOptions.DoNotExpandEnvironmentNames);
    }

    private static RegistryKey Root() => RegistryKey.OpenBaseKey(RegistryHive.LocalMachine, RegistryView.Registry64);
}
