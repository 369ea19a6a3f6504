using System;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Kanade.Native;

/// <summary>Whether a service of Windows runs.</summary>
internal static class Services
{
    private const uint Connect = 0x1;
    private const uint QueryStatus = 0x4;
    private const uint Running = 4;
    private const int NoSuchService = 1060;

    public static bool IsRunning(string name)
    {
        var manager = OpenSCManagerW(null, null, Connect);
        if (manager == IntPtr.Zero) throw new Win32Exception();
        try
        {
            return IsRunning(manager, name);
        }
        finally
        {
            CloseServiceHandle(manager);
        }
    }

    private static bool IsRunning(IntPtr manager, string name)
    {
        var service = OpenServiceW(manager, name, QueryStatus);
        if (service == IntPtr.Zero) return Marshal.GetLastWin32Error() == NoSuchService ? false : throw new Win32Exception();
        try
        {
            return QueryServiceStatus(service, out var status) ? status.CurrentState == Running : throw new Win32Exception();
        }
        finally
        {
            CloseServiceHandle(service);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ServiceStatus
    {
        public uint ServiceType;
        public uint CurrentState;
        public uint ControlsAccepted;
        public uint Win32ExitCode;
        public uint ServiceSpecificExitCode;
        public uint CheckPoint;
        public uint WaitHint;
    }

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode, SetLastError = true, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern IntPtr OpenSCManagerW(string? machine, string? database, uint access);

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode, SetLastError = true, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern IntPtr OpenServiceW(IntPtr manager, string name, uint access);

    [DllImport("advapi32.dll", SetLastError = true, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool QueryServiceStatus(IntPtr service, out ServiceStatus status);

    [DllImport("advapi32.dll", SetLastError = true, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool CloseServiceHandle(IntPtr handle);
}
