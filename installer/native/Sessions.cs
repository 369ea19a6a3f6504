using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Kanade.Native;

/// <summary>The sessions of this PC.</summary>
internal static class Sessions
{
    private const int Active = 0;
    private const int UserName = 5;
    private const int DomainName = 7;
    private const int NoSuchSession = 7022;
    private const int FileNotFound = 2;

    /// <summary>DOMAIN\user; empty when nobody works at it.</summary>
    public static string ActiveUser() => Session.UserOf(ActiveOnes(), (int)WTSGetActiveConsoleSessionId());

    private static List<Session> ActiveOnes()
    {
        if (!WTSEnumerateSessionsW(IntPtr.Zero, 0, 1, out var list, out var count)) throw new Win32Exception();
        try
        {
            var sessions = new List<Session>();
            var size = Marshal.SizeOf<SessionInfo>();
            for (var i = 0; i < count; i++)
            {
                var info = Marshal.PtrToStructure<SessionInfo>(list + i * size);
                if (info.State == Active)
                    sessions.Add(new Session(info.SessionId, Text(info.SessionId, UserName), Text(info.SessionId, DomainName)));
            }
            return sessions;
        }
        finally
        {
            WTSFreeMemory(list);
        }
    }

    /// <summary>Empty also when the session has ended meanwhile.</summary>
    private static string Text(int session, int what)
    {
        if (!WTSQuerySessionInformationW(IntPtr.Zero, session, what, out var text, out _))
            return Marshal.GetLastWin32Error() is NoSuchSession or FileNotFound ? "" : throw new Win32Exception();
        try
        {
            return Marshal.PtrToStringUni(text) ?? "";
        }
        finally
        {
            WTSFreeMemory(text);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct SessionInfo
    {
        public int SessionId;
        public IntPtr WinStationName;
        public int State;
    }

    [DllImport("wtsapi32.dll", SetLastError = true, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool WTSEnumerateSessionsW(IntPtr server, int reserved, int version, out IntPtr sessions, out int count);

    [DllImport("wtsapi32.dll", SetLastError = true, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool WTSQuerySessionInformationW(IntPtr server, int session, int what, out IntPtr buffer, out int bytes);

    [DllImport("wtsapi32.dll", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern void WTSFreeMemory(IntPtr memory);

    [DllImport("kernel32.dll", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern uint WTSGetActiveConsoleSessionId();
}
